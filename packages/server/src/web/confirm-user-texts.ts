interface PageText {
  readonly title: string;
  readonly text: string;
}
type Texts = Readonly<Record<'confirmed' | 'refused' | 'unavailable', PageText>>;

/** Plain words without markup. */
export const pageTexts = {
  en: {
    confirmed: {
      title: 'Your registration has been confirmed!',
      text: 'You can close this page and sign in.',
    },
    refused: {
      title: 'This link does not work',
      text: 'It may be incomplete, too old, or replaced by a newer one. Ask for a new link where you signed up.',
    },
    unavailable: {
      title: 'Please try again',
      text: 'Something went wrong. Open the link again in a minute.',
    },
  },
  de: {
    confirmed: {
      title: 'Ihre Registrierung ist bestätigt!',
      text: 'Sie können diese Seite schließen und sich anmelden.',
    },
    refused: {
      title: 'Dieser Link funktioniert nicht',
      text: 'Er ist vielleicht unvollständig, zu alt oder durch einen neueren ersetzt. Fordern Sie dort, wo Sie sich registriert haben, einen neuen an.',
    },
    unavailable: {
      title: 'Bitte versuchen Sie es noch einmal',
      text: 'Etwas ist schiefgegangen. Öffnen Sie den Link in einer Minute noch einmal.',
    },
  },
  es: {
    confirmed: {
      title: '¡Su registro se ha confirmado!',
      text: 'Puede cerrar esta página e iniciar sesión.',
    },
    refused: {
      title: 'Este enlace no funciona',
      text: 'Puede que esté incompleto, sea demasiado antiguo o haya otro más reciente. Solicite uno nuevo donde se registró.',
    },
    unavailable: {
      title: 'Inténtelo de nuevo',
      text: 'Algo ha salido mal. Vuelva a abrir el enlace dentro de un minuto.',
    },
  },
  fr: {
    confirmed: {
      title: 'Votre inscription est confirmée !',
      text: 'Vous pouvez fermer cette page et vous connecter.',
    },
    refused: {
      title: 'Ce lien ne fonctionne pas',
      text: 'Il est peut-être incomplet, trop ancien ou remplacé par un lien plus récent. Demandez-en un nouveau là où vous vous êtes inscrit.',
    },
    unavailable: {
      title: 'Veuillez réessayer',
      text: "Une erreur s'est produite. Ouvrez de nouveau le lien dans une minute.",
    },
  },
  it: {
    confirmed: {
      title: 'La tua registrazione è confermata!',
      text: 'Puoi chiudere questa pagina e accedere.',
    },
    refused: {
      title: 'Questo link non funziona',
      text: 'Potrebbe essere incompleto, troppo vecchio o sostituito da uno più recente. Richiedine uno nuovo dove ti sei registrato.',
    },
    unavailable: {
      title: 'Riprova',
      text: 'Qualcosa è andato storto. Apri di nuovo il link tra un minuto.',
    },
  },
  ja: {
    confirmed: {
      title: '登録が確認されました',
      text: 'このページを閉じて、サインインしてください。',
    },
    refused: {
      title: 'このリンクは使用できません',
      text: 'リンクが不完全か、期限切れか、新しいリンクに置き換えられた可能性があります。登録したサイトで新しいリンクを請求してください。',
    },
    unavailable: {
      title: 'もう一度お試しください',
      text: '問題が発生しました。1 分ほど待ってから、リンクをもう一度開いてください。',
    },
  },
  nl: {
    confirmed: {
      title: 'Uw registratie is bevestigd!',
      text: 'U kunt deze pagina sluiten en inloggen.',
    },
    refused: {
      title: 'Deze link werkt niet',
      text: 'De link is misschien onvolledig, te oud of vervangen door een nieuwere. Vraag een nieuwe aan waar u zich hebt geregistreerd.',
    },
    unavailable: {
      title: 'Probeer het opnieuw',
      text: 'Er is iets misgegaan. Open de link over een minuut nog eens.',
    },
  },
  pt: {
    confirmed: {
      title: 'Seu cadastro foi confirmado!',
      text: 'Você pode fechar esta página e entrar.',
    },
    refused: {
      title: 'Este link não funciona',
      text: 'Ele pode estar incompleto, ser antigo demais ou ter sido substituído por um mais recente. Peça um novo link onde você se cadastrou.',
    },
    unavailable: {
      title: 'Tente novamente',
      text: 'Algo deu errado. Abra o link novamente daqui a um minuto.',
    },
  },
  'pt-PT': {
    confirmed: {
      title: 'O seu registo foi confirmado!',
      text: 'Pode fechar esta página e iniciar sessão.',
    },
    refused: {
      title: 'Esta ligação não funciona',
      text: 'Pode estar incompleta, ser demasiado antiga ou ter sido substituída por uma mais recente. Peça uma nova ligação onde se registou.',
    },
    unavailable: {
      title: 'Tente novamente',
      text: 'Algo correu mal. Volte a abrir a ligação dentro de um minuto.',
    },
  },
  zh: {
    confirmed: { title: '您的注册已确认！', text: '您可以关闭此页面并登录。' },
    refused: {
      title: '此链接无效',
      text: '链接可能不完整、已过期，或已被新的链接取代。请在您注册的地方重新获取链接。',
    },
    unavailable: { title: '请重试', text: '出了点问题。请在一分钟后再次打开该链接。' },
  },
  'zh-Hant': {
    confirmed: { title: '您的註冊已確認！', text: '您可以關閉此頁面並登入。' },
    refused: {
      title: '此連結無效',
      text: '連結可能不完整、已過期，或已被新的連結取代。請在您註冊的地方重新取得連結。',
    },
    unavailable: { title: '請再試一次', text: '發生問題。請在一分鐘後再次開啟連結。' },
  },
} as const satisfies Readonly<Record<string, Texts>>;

export const pageLocales = Object.keys(pageTexts) as readonly (keyof typeof pageTexts)[];
