/**
 * What people write: words of several languages, put into sentences.
 *
 * The sentences mean nothing. What matters to a tokenizer is kept: lengths of words, punctuation, quotes that have to be
 * escaped, links with ampersands, emoji, and the number of bytes a character takes in each script.
 */

const english =
  `the to you I a and it is that of in we for on have be me do not can with this just so what are at
but my will was if like get your all know they there one out up now go think about time see how when good some from
time need here want back then work would or really too still more only right today make said tomorrow maybe look got
sure take something over let could even because their very after first meeting should than much before server again
call never thing send who mean where way been people down which did does home has week off message yes tell thanks
great works probably week does update least around next anything version enough issue wait minutes already call check
nothing away client fine ready later train might believe actually release start better problem office pretty evening
please coffee sounds remember running questions weekend morning different another number always yesterday password
finally somebody dinner ticket branch database afternoon documentation understand everything restarting interesting
deployment certificate connection screenshot unfortunately basically configuration federation bridge roster archive
presence resource stanza keyboard window folder laptop printer kitchen garden bicycle holiday airport mountain river
library doctor picture brother sister cousin football concert guitar recipe tomato cheese banana breakfast umbrella
sunshine thunder neighbour apartment elevator basement invoice contract deadline estimate budget quarter proposal
draft review comment merge rebase commit patch typo regression benchmark latency timeout packet socket buffer thread
kernel compiler warning error failure success backup restore upgrade downgrade package mirror proxy firewall`
    .split(/\s+/)
    .filter(Boolean);

const others = {
  russian: `я не что в и ты это на с как он но да мы так все у за по же только меня было нет ещё вот если когда уже
сегодня завтра хорошо спасибо можно нужно сейчас потом очень сообщение сервер работает давай привет конечно встреча
понедельник вечером позвони вопрос ответ документ обновление проблема пожалуйста`,
  german: `ich und das ist nicht du wir für auf mit heute morgen schön grüße größe später natürlich könnte müssen über
Straße Frühstück zurück gehört wäre möglich Übung Schlüssel während fünf Gespräch Besprechung Änderung`,
  french: `je tu le la est pas nous très déjà être à où là ça après réunion bientôt café élève français même fenêtre
problème téléphone voilà désolé répondre théâtre forêt île noël garçon leçon`,
  polish: `nie to się że jest na co tak jak już ale mnie dziękuję proszę cześć jutro później możesz źle święta łatwo
spotkanie wiadomość książka dzień żółty ćwiczenie gdzie właśnie`,
  greek: `και το να είναι δεν θα με που για τι αυτό σήμερα αύριο καλημέρα ευχαριστώ παρακαλώ μήνυμα ναι όχι πότε
συνάντηση σπίτι δουλειά γιατί μπορώ θέλω`,
  arabic: `في من على هذا أن ما لا إلى كان مع كل اليوم غدا شكرا مرحبا رسالة نعم اجتماع بعد قبل الآن جيد كيف حالك
الخادم يعمل البيت السوق`,
  hindi: `है में और का की यह नहीं मैं हम आप क्या आज कल धन्यवाद नमस्ते संदेश अच्छा समय काम घर बैठक ठीक`,
  korean: `안녕하세요 오늘 내일 감사합니다 회의 메시지 네 아니요 지금 나중에 좋아요 서버 문제 확인 부탁드립니다 점심 같이`,
};

const ideographs = [
  ...'的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运',
];
const kana = [
  ...'あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをんアイウエオカキクケコサシスセソタチツテト',
];

const vocabulary = new Map(
  Object.entries(others).map(([name, words]) => [name, words.split(/\s+/).filter(Boolean)]),
);

const emoji = [
  '😀',
  '😂',
  '👍',
  '❤️',
  '🎉',
  '😅',
  '🤔',
  '🙏',
  '😭',
  '🚀',
  '👋🏽',
  '🇺🇦',
  '👨‍👩‍👧',
  '☕',
  '✨',
  '🔥',
  '😊',
  '🙈',
];

/** Names of the languages a sentence can be in; `english` is the only one of mostly ASCII letters besides the Latin ones. */
export const languages = ['english', ...vocabulary.keys(), 'chinese', 'japanese'];

/** Text of about `length` characters. */
export function sentences(random, language, length) {
  if (language === 'chinese' || language === 'japanese') return unspaced(random, language, length);
  const words = vocabulary.get(language) ?? english;
  let text = '';
  let start = true;
  while (text.length < length) {
    let word = random.pickZipf(words);
    if (start) word = word[0].toUpperCase() + word.slice(1);
    text += start && text === '' ? word : ` ${word}`;
    start = false;
    const dice = random.below(100);
    if (dice < 4) text += ',';
    else if (dice < 11) {
      text += random.weighted([
        [60, '.'],
        [20, '?'],
        [15, '!'],
        [5, '...'],
      ]);
      start = true;
    } else if (dice < 15) text += aside(random);
  }
  return text;
}

function unspaced(random, language, length) {
  let text = '';
  while (text.length < length) {
    const run = random.between(4, 16);
    for (let index = 0; index < run; index++) {
      text +=
        language === 'japanese' && random.chance(0.6)
          ? random.pick(kana)
          : random.pickZipf(ideographs);
    }
    text += random.chance(0.4) ? '。' : '，';
  }
  return text;
}

/** What interrupts a sentence: contractions, quotes, links, numbers, markup typed by hand, emoji. */
function aside(random) {
  switch (random.below(9)) {
    case 0:
    case 1:
    case 2:
      return random.pick([" don't", " it's", " I'm", " that's", " can't", " we'll", " didn't"]);
    case 3:
      return ` "${random.pickZipf(english)} ${random.pickZipf(english)}"`;
    case 4:
      return ` https://${random.pick(['example.com', 'wiki.example.net', 'tracker.example.org'])}/${random.letters(random.between(4, 18), 'abcdefghijklmnop-/')}?id=${random.below(90000)}&page=${random.below(40)}`;
    case 5:
      return ` ${random.below(24)}:${String(random.below(60)).padStart(2, '0')}`;
    case 6:
      return random.pick([' <3', ' ->', ' a < b', ' :-)', ' ;)', ' & co', ' >:(']);
    case 7:
      return random.chance(0.3) ? ` ${random.pick(emoji)}` : ' :)';
    default:
      return ` ${random.below(100000)}`;
  }
}

export const smile = (random) => random.pick(emoji);

/** A pasted log, configuration or piece of code: many references once it is escaped, and line ends. */
export function pasted(random, length) {
  let text = '';
  while (text.length < length) {
    switch (random.below(4)) {
      case 0:
        text += `2026-${random.between(10, 12)}-${random.between(10, 28)} ${random.between(10, 23)}:${random.between(10, 59)}:${random.between(10, 59)} [${random.pick(['info', 'debug', 'warn', 'error'])}] c2s${random.letters(9, '0123456789abcdef')}: ${sentences(random, 'english', random.between(30, 90))}\n`;
        break;
      case 1:
        text += `    if (${random.pickZipf(english)} < ${random.below(100)} && ${random.pickZipf(english)} != "${random.pickZipf(english)}") {\n        ${random.pickZipf(english)}->${random.pickZipf(english)}(${random.below(50)});\n    }\n`;
        break;
      case 2:
        text += `${random.pickZipf(english)}_${random.pickZipf(english)} = "${random.letters(random.between(8, 40), 'abcdefghijklmnopqrstuvwxyz0123456789/_.')}"\n`;
        break;
      default:
        text += `<${random.pickZipf(english)} ${random.pickZipf(english)}="${random.below(1000)}">${random.pickZipf(english)}</${random.pickZipf(english)}>\n`;
    }
  }
  return text;
}
