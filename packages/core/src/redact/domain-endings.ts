/** Endings of host names, to tell an e-mail address from code that has an @ and a dot. */

/** Countries and common generic endings (IANA root zone); other Latin endings pass when the rest looks like an address. */
const COMMON_ENDINGS = new Set(
  (
    'ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bv bw by bz ca cc cd cf cg ch ci ck cl ' +
    'cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gb gd ge gf gg gh gi gl gm gn gp gq gr gs gt ' +
    'gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ' +
    'ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ' +
    'ps pt pw py qa re ro rs ru rw sa sb sc sd se sg sh si sj sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt ' +
    'tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw ' +
    'com net org edu gov mil int info biz name pro museum aero coop jobs mobi travel tel asia cat post app dev page blog online site store ' +
    'shop tech xyz club live life world today news email mail cloud digital agency academy school college university education training ' +
    'institute center company group team work studio design art music games social network systems support software health care law money ' +
    'bank tokyo osaka kyoto nagoya yokohama okinawa berlin hamburg bayern koeln wien paris london nyc test example local'
  ).split(' '),
);

/** Endings of files: `icon@2x.png` is a picture, not an address. */
const FILE_ENDINGS = new Set(
  'png jpg jpeg gif svg webp bmp ico pdf doc docx xls xlsx ppt pptx txt csv json xml yml yaml toml html htm css scss js jsx mjs cjs ts tsx lock exe dll mp3 mp4 wav'.split(
    ' ',
  ),
);

const WRITTEN_ENDINGS = new Set(
  'みんな コム ストア セール ファッション クラウド グーグル 世界 企業 集团 中国 中國 公司 网络 網路 香港 台湾 台灣 新加坡 한국 닷컴'.split(
    ' ',
  ),
);

/** common: a well-known ending. other: a possible one. none: no host name ends so. */
export type DomainEnding = 'common' | 'other' | 'none';

/** @param label the last label of a host name */
export function judgeEnding(label: string): DomainEnding {
  const ending = label.toLowerCase();
  if (COMMON_ENDINGS.has(ending) || WRITTEN_ENDINGS.has(ending) || /^xn--[a-z\d-]{2,59}$/.test(ending)) return 'common';
  return !FILE_ENDINGS.has(ending) && /^[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}]{2,24}$/u.test(ending) ? 'other' : 'none';
}
