/** The languages of Amazon SNS's sandbox, under the codes that it has for them. */
const texts = {
  'en-US': 'Your one-time password for test messages is {####}. It is valid for 15 minutes.',
  'en-GB': 'Your one-time password for test messages is {####}. It is valid for 15 minutes.',
  'es-419': 'Tu contraseña de un solo uso para mensajes de prueba es {####}. Es válida por 15 minutos.',
  'es-ES': 'Tu contraseña de un solo uso para mensajes de prueba es {####}. Es válida durante 15 minutos.',
  'de-DE': 'Ihr Einmalpasswort für Testnachrichten lautet {####}. Es gilt 15 Minuten.',
  'fr-CA':
    'Votre mot de passe à usage unique pour les messages de test est {####}. Il est valide 15 minutes.',
  'fr-FR':
    'Votre mot de passe à usage unique pour les messages de test est {####}. Il est valable 15 minutes.',
  'it-IT': 'La tua password monouso per i messaggi di prova è {####}. È valida per 15 minuti.',
  'ja-JP': 'テストメッセージ用のワンタイムパスワードは {####} です。有効期間は15分です。',
  'pt-BR': 'Sua senha de uso único para mensagens de teste é {####}. Ela é válida por 15 minutos.',
  'kr-KR': '테스트 메시지용 일회용 비밀번호는 {####}입니다. 15분간 유효합니다.',
  'zh-CN': '您用于测试短信的一次性密码是 {####}，15 分钟内有效。',
  'zh-TW': '您用於測試簡訊的一次性密碼是 {####}，15 分鐘內有效。',
} as const;

export type SandboxLanguage = keyof typeof texts;
export const SANDBOX_LANGUAGES = Object.keys(texts) as SandboxLanguage[];

export const isSandboxLanguage = (text: unknown): text is SandboxLanguage =>
  typeof text === 'string' && Object.hasOwn(texts, text);

export const sandboxText = (language: SandboxLanguage, oneTimePassword: string): string =>
  texts[language].replace('{####}', oneTimePassword);
