// What the frame around the panels says: top bar, docks, first use, trouble.
import { plural, texts } from './language';

export const roomWords = texts(
  {
    product: 'Vigie',
    skipToMap: 'To the map',
    panels: { left: 'Panels on the left', right: 'Panels on the right' },
    closePanel: 'Close the panel',
    moreActions: 'More',
    map: 'Map',
    theme: 'Theme',
    themes: { auto: 'As the system', day: 'Day', night: 'Night' },
    language: 'Language',
    demonstration: 'Demonstration: nobody has to sign in here, and whoever reaches this page sees all of it',
    demonstrationShort: 'Demonstration, no sign-in',
    utc: 'UTC',
    local: 'local',
    localZone: (zone: string) => `Local time, ${zone}`,
    dismiss: 'Dismiss',
    close: 'Close',
    linkTitle: 'Link with the hub',
    link: {
      live: 'live',
      connecting: 'connecting',
      stale: (time: string, age: string) => `as of ${time}, ${age} old: no link to the hub`,
      staleServer: (time: string, age: string) => `as of ${time}, ${age} old: no link to the server`,
      noAnswer: (time: string, age: string) => `as of ${time}: no answer for ${age}`,
      refused: (reason: string) => `the hub refuses: ${reason}`,
      refusedNoReason: 'the hub refuses this identity',
      signedOut: 'signed out',
    },
    replay: 'Replay',
    empty: {
      title: 'Nobody is reporting yet',
      text:
        'This room shows every unit that you may see as soon as its tracker sends a position. Nothing has come so ' +
        'far.',
      demo: 'To see it at work, play the demonstration patrol into this hub, from the folder of Vigie’s sources:',
      hubAddress: 'HOST:PORT is where the hub is: what vigie-web was given as --hub.',
      invite:
        'To see it at work, play the demonstration patrol. This hub asks who is there: an administrator makes a code ' +
        'for whoever plays the units of alpha,',
      join: 'the code becomes a key file, and the same with bravo instead of alpha;',
      demoGuarded: 'then both are played into this hub:',
      administrator: 'DATA is the hub’s data folder; its key of the administrator is the first identity.',
      seen: 'You see the units of your own owner, and those that their owner grants you (vigie grant).',
      quickstart: 'Or try a room of its own, with another hub and page, beside this one:',
      own: 'Your own phone or receiver joins with a code from your administrator (vigie invite, vigie join).',
      copy: 'Copy',
      copied: 'Copied',
    },
    replayEmpty: 'No unit had reported by this moment.',
    trouble: {
      title: 'This part of the page failed',
      whole: 'The page failed',
      text:
        'What it was doing is lost; what the hub keeps is not. Try again; if it happens again, send the details ' +
        'below to whoever runs the server.',
      again: 'Try again',
      reload: 'Load the page anew',
      details: 'Details',
      session: 'The server does not answer',
      sessionText: (reason: string) => `The page could not ask who is signed in: ${reason}. It tries again by itself.`,
    },
    loading: 'Opening the room…',
    noWebGl: 'The map needs WebGL, which this browser does not offer. Everything else works.',
    sent: 'Sent',
    notSent: (reason: string) => `Not sent: ${reason}`,
    units: (n: number) => plural(n, 'unit', 'units', 'en'),
  },
  {
    product: 'Vigie',
    skipToMap: 'Aller à la carte',
    panels: { left: 'Volets de gauche', right: 'Volets de droite' },
    closePanel: 'Fermer le volet',
    moreActions: 'Plus',
    map: 'Carte',
    theme: 'Thème',
    themes: { auto: 'Comme le système', day: 'Jour', night: 'Nuit' },
    language: 'Langue',
    demonstration: 'Démonstration : accès sans identification, quiconque atteint cette page voit tout',
    demonstrationShort: 'Démonstration, accès libre',
    utc: 'UTC',
    local: 'locale',
    localZone: (zone: string) => `Heure locale, ${zone}`,
    dismiss: 'Masquer',
    close: 'Fermer',
    linkTitle: 'Liaison avec le hub',
    link: {
      live: 'en direct',
      connecting: 'connexion en cours',
      stale: (time: string, age: string) => `situation à ${time}, vieille de ${age} : liaison avec le hub perdue`,
      staleServer: (time: string, age: string) =>
        `situation à ${time}, vieille de ${age} : liaison avec le serveur perdue`,
      noAnswer: (time: string, age: string) => `situation à ${time} : pas de réponse depuis ${age}`,
      refused: (reason: string) => `refus du hub : ${reason}`,
      refusedNoReason: 'le hub refuse cette identité',
      signedOut: 'session fermée',
    },
    replay: 'Rejeu',
    empty: {
      title: 'Aucune unité ne rend compte pour l’instant',
      text:
        'Toute unité qui vous est ouverte apparaît ici dès que sa balise émet une position. Rien n’a encore été ' +
        'reçu.',
      demo:
        'Pour voir la salle à l’œuvre, jouez la patrouille de démonstration dans ce hub, depuis le dossier des ' +
        'sources de Vigie :',
      hubAddress: 'HOST:PORT est l’adresse du hub : celle donnée à vigie-web par --hub.',
      invite:
        'Pour voir la salle à l’œuvre, jouez la patrouille de démonstration. Ce hub demande à chacun qui il est : un ' +
        'administrateur fait un code pour qui jouera les unités d’alpha,',
      join: 'le code devient un fichier de clé, et de même avec bravo au lieu d’alpha ;',
      demoGuarded: 'puis les deux sont joués dans ce hub :',
      administrator: 'DATA est le dossier de données du hub ; sa clé d’administrateur est la première identité.',
      seen: 'Vous voyez les unités de votre appartenance, et celles que d’autres vous partagent (vigie grant).',
      quickstart: 'Ou essayez une salle à part, avec un autre hub et une autre page, à côté de celle-ci :',
      own:
        'Votre téléphone ou votre récepteur rejoint le dispositif avec un code de votre administrateur (vigie ' +
        'invite, vigie join).',
      copy: 'Copier',
      copied: 'Copié',
    },
    replayEmpty: 'À cet instant, aucune unité n’avait encore rendu compte.',
    trouble: {
      title: 'Cette partie de la page est en panne',
      whole: 'La page est en panne',
      text:
        'La saisie en cours est perdue, pas ce que le hub conserve. Réessayez ; si la panne se répète, transmettez ' +
        'les détails ci-dessous au responsable du serveur.',
      again: 'Réessayer',
      reload: 'Recharger la page',
      details: 'Détails',
      session: 'Le serveur ne répond pas',
      sessionText: (reason: string) => `Impossible de savoir qui est connecté : ${reason}. Nouvel essai automatique.`,
    },
    loading: 'Ouverture de la salle…',
    noWebGl: 'La carte a besoin de WebGL, que ce navigateur n’offre pas. Tout le reste fonctionne.',
    sent: 'Envoyé',
    notSent: (reason: string) => `Non envoyé : ${reason}`,
    units: (n: number) => plural(n, 'unité', 'unités', 'fr'),
  },
);
