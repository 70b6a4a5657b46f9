import type { MessageKind, Template } from './templates.ts';

type Texts = Readonly<Record<MessageKind, Template>>;

/** Amazon Cognito's own, which are in English. */
const en: Texts = {
  verification: { subject: 'Your verification code', body: 'Your confirmation code is {####}' },
  'confirmation-link': {
    subject: 'Your verification link',
    body: 'Please click the link below to verify your email address. {##Verify Email##} ',
  },
  // As received in 2022.
  'password-reset': { subject: 'Your verification code', body: 'Your password reset code is {####}' },
  // The space at its end is Amazon Cognito's.
  authentication: { subject: 'Your authentication code', body: 'Your authentication code is {####}. ' },
  invitation: {
    subject: 'Your temporary password',
    body: 'Your username is {username} and temporary password is {####}.',
  },
  // An invitation without a password.
  welcome: { subject: 'Your account', body: 'Your username is {username}.' },
};

/**
 * The same in other languages, for pools that have `messages.byLocale`. With a code each fits one SMS, and no full stop
 * follows what is to be copied.
 */
export const defaultTexts = {
  en,
  de: {
    verification: { subject: 'Ihr Bestätigungscode', body: 'Ihr Bestätigungscode lautet {####}' },
    'confirmation-link': {
      subject: 'Ihr Bestätigungslink',
      body: 'Bitte klicken Sie auf den folgenden Link, um Ihre E-Mail-Adresse zu bestätigen. {##E-Mail-Adresse bestätigen##}',
    },
    'password-reset': {
      subject: 'Ihr Bestätigungscode',
      body: 'Ihr Code zum Zurücksetzen des Passworts lautet {####}',
    },
    authentication: { subject: 'Ihr Anmeldecode', body: 'Ihr Anmeldecode lautet {####}' },
    invitation: {
      subject: 'Ihr vorläufiges Passwort',
      body: 'Ihr Benutzername lautet {username} und Ihr vorläufiges Passwort {####}',
    },
    welcome: { subject: 'Ihr Konto', body: 'Ihr Benutzername lautet {username}' },
  },
  es: {
    verification: { subject: 'Su código de verificación', body: 'Su código de verificación es {####}' },
    'confirmation-link': {
      subject: 'Su enlace de verificación',
      body: 'Haga clic en el siguiente enlace para verificar su dirección de correo electrónico. {##Verificar dirección de correo##}',
    },
    'password-reset': {
      subject: 'Su código de verificación',
      body: 'Su código para restablecer la contraseña es {####}',
    },
    authentication: {
      subject: 'Su código de inicio de sesión',
      body: 'Su código de inicio de sesión es {####}',
    },
    invitation: {
      subject: 'Su contraseña temporal',
      body: 'Su nombre de usuario es {username} y su contraseña temporal es {####}',
    },
    welcome: { subject: 'Su cuenta', body: 'Su nombre de usuario es {username}' },
  },
  fr: {
    verification: { subject: 'Votre code de vérification', body: 'Votre code de vérification est {####}' },
    'confirmation-link': {
      subject: 'Votre lien de vérification',
      body: "Veuillez cliquer sur le lien ci-dessous pour vérifier votre adresse e-mail. {##Vérifier l'adresse e-mail##}",
    },
    'password-reset': {
      subject: 'Votre code de vérification',
      body: 'Votre code pour réinitialiser le mot de passe est {####}',
    },
    authentication: { subject: 'Votre code de connexion', body: 'Votre code de connexion est {####}' },
    invitation: {
      subject: 'Votre mot de passe temporaire',
      body: "Votre nom d'utilisateur est {username} et votre mot de passe temporaire est {####}",
    },
    welcome: { subject: 'Votre compte', body: "Votre nom d'utilisateur est {username}" },
  },
  it: {
    verification: { subject: 'Il tuo codice di verifica', body: 'Il tuo codice di verifica è {####}' },
    'confirmation-link': {
      subject: 'Il tuo link di verifica',
      body: 'Fai clic sul link seguente per verificare il tuo indirizzo email. {##Verifica indirizzo email##}',
    },
    'password-reset': {
      subject: 'Il tuo codice di verifica',
      body: 'Il tuo codice per reimpostare la password è {####}',
    },
    authentication: { subject: 'Il tuo codice di accesso', body: 'Il tuo codice di accesso è {####}' },
    invitation: {
      subject: 'La tua password temporanea',
      body: 'Il tuo nome utente è {username} e la tua password temporanea è {####}',
    },
    welcome: { subject: 'Il tuo account', body: 'Il tuo nome utente è {username}' },
  },
  ja: {
    verification: { subject: '確認コード', body: '確認コードは {####} です。' },
    'confirmation-link': {
      subject: 'メールアドレスの確認',
      body: '下のリンクをクリックして、メールアドレスを確認してください。 {##メールアドレスを確認##}',
    },
    'password-reset': { subject: '確認コード', body: 'パスワード再設定用のコードは {####} です。' },
    authentication: { subject: '認証コード', body: '認証コードは {####} です。' },
    invitation: {
      subject: '仮パスワードのお知らせ',
      body: 'ユーザー名は {username} 、仮パスワードは {####} です。',
    },
    welcome: { subject: 'アカウントのお知らせ', body: 'ユーザー名は {username} です。' },
  },
  nl: {
    verification: { subject: 'Uw verificatiecode', body: 'Uw verificatiecode is {####}' },
    'confirmation-link': {
      subject: 'Uw verificatielink',
      body: 'Klik op de onderstaande link om uw e-mailadres te verifiëren. {##E-mailadres verifiëren##}',
    },
    'password-reset': {
      subject: 'Uw verificatiecode',
      body: 'Uw code om het wachtwoord opnieuw in te stellen is {####}',
    },
    authentication: { subject: 'Uw inlogcode', body: 'Uw inlogcode is {####}' },
    invitation: {
      subject: 'Uw tijdelijke wachtwoord',
      body: 'Uw gebruikersnaam is {username} en uw tijdelijke wachtwoord is {####}',
    },
    welcome: { subject: 'Uw account', body: 'Uw gebruikersnaam is {username}' },
  },
  pt: {
    verification: { subject: 'Seu código de verificação', body: 'Seu código de verificação é {####}' },
    'confirmation-link': {
      subject: 'Seu link de verificação',
      body: 'Clique no link abaixo para verificar seu endereço de e-mail. {##Verificar endereço de e-mail##}',
    },
    'password-reset': {
      subject: 'Seu código de verificação',
      body: 'Seu código de redefinição de senha é {####}',
    },
    authentication: { subject: 'Seu código de acesso', body: 'Seu código de acesso é {####}' },
    invitation: {
      subject: 'Sua senha temporária',
      body: 'Seu nome de usuário é {username} e sua senha temporária é {####}',
    },
    welcome: { subject: 'Sua conta', body: 'Seu nome de usuário é {username}' },
  },
  'pt-PT': {
    verification: { subject: 'O seu código de verificação', body: 'O seu código de verificação é {####}' },
    'confirmation-link': {
      subject: 'A sua ligação de verificação',
      body: 'Clique na ligação abaixo para verificar o seu endereço de e-mail. {##Verificar endereço de e-mail##}',
    },
    'password-reset': {
      subject: 'O seu código de verificação',
      body: 'O seu código de reposição da palavra-passe é {####}',
    },
    authentication: { subject: 'O seu código de acesso', body: 'O seu código de acesso é {####}' },
    invitation: {
      subject: 'A sua palavra-passe temporária',
      body: 'O seu nome de utilizador é {username} e a sua palavra-passe temporária é {####}',
    },
    welcome: { subject: 'A sua conta', body: 'O seu nome de utilizador é {username}' },
  },
  zh: {
    verification: { subject: '您的验证码', body: '您的验证码是 {####}' },
    'confirmation-link': {
      subject: '您的验证链接',
      body: '请点击下面的链接验证您的电子邮件地址。 {##验证电子邮件地址##}',
    },
    'password-reset': { subject: '您的验证码', body: '您的密码重置验证码是 {####}' },
    authentication: { subject: '您的登录验证码', body: '您的登录验证码是 {####}' },
    invitation: { subject: '您的临时密码', body: '您的用户名是 {username} ，临时密码是 {####}' },
    welcome: { subject: '您的账户', body: '您的用户名是 {username}' },
  },
  'zh-Hant': {
    verification: { subject: '您的驗證碼', body: '您的驗證碼是 {####}' },
    'confirmation-link': {
      subject: '您的驗證連結',
      body: '請點選下面的連結驗證您的電子郵件地址。 {##驗證電子郵件地址##}',
    },
    'password-reset': { subject: '您的驗證碼', body: '您的密碼重設驗證碼是 {####}' },
    authentication: { subject: '您的登入驗證碼', body: '您的登入驗證碼是 {####}' },
    invitation: { subject: '您的臨時密碼', body: '您的使用者名稱是 {username} ，臨時密碼是 {####}' },
    welcome: { subject: '您的帳戶', body: '您的使用者名稱是 {username}' },
  },
} as const satisfies Readonly<Record<string, Texts>>;

export type MessageLocale = keyof typeof defaultTexts;
export const messageLocales = Object.keys(defaultTexts) as readonly MessageLocale[];
