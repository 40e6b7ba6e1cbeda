/** For tests: 200 texts, each of which runs or leaves a mark where stored text is taken for markup. */
const MARK = 'window.hacked=(window.hacked||0)+1';

/** Elements that run something by themselves once they are part of a page. */
const SELF_STARTERS = [
  `<script>${MARK}</script>`,
  `<img src=x onerror="${MARK}">`,
  `<svg onload="${MARK}"></svg>`,
  `<svg><script>${MARK}</script></svg>`,
  `<svg><animate onbegin="${MARK}" attributeName=x dur=1s></svg>`,
  `<iframe srcdoc="<script>parent.hacked=1</script>"></iframe>`,
  `<iframe src="javascript:parent.hacked=1"></iframe>`,
  `<object data="javascript:parent.hacked=1"></object>`,
  `<embed src="javascript:parent.hacked=1">`,
  `<video><source onerror="${MARK}"></video>`,
  `<audio src=x onerror="${MARK}"></audio>`,
  `<input autofocus onfocus="${MARK}">`,
  `<details open ontoggle="${MARK}">x</details>`,
  `<body onload="${MARK}">`,
  `<style onload="${MARK}"></style>`,
  `<link rel=stylesheet href="data:text/css,x" onload="${MARK}">`,
  `<marquee onstart="${MARK}">x</marquee>`,
  `<math><mtext><style><img src onerror="${MARK}"></style></mtext></math>`,
  `<a href="javascript:${MARK}" id=x>here</a>`,
  `<form action="javascript:${MARK}"><button>go</button></form>`,
] as const;

/** Where a text may end up before it is taken for markup, and how one gets out of there. */
const WAYS_OUT: readonly ((element: string) => string)[] = [
  (element) => element,
  (element) => `">${element}`,
  (element) => `'>${element}`,
  (element) => `</pre></textarea></title>${element}`,
  (element) => `</script>${element}<script>`,
  (element) => `--><!-- -->${element}`,
  (element) => element.replace(/^<(\w+)/, (_, name: string) => `<${name.toUpperCase()}`),
  (element) => `<<${element.slice(1)}`,
  (element) => element.replace(/^<(\w+)/, (_, name: string) => `<${name}/\n`),
  (element) => `{{constructor.constructor("${MARK}")()}} \${${MARK}} [x](javascript:${MARK}) ${element}`,
];

/** 20 elements by 10 ways out. */
export const MARKUP_PAYLOADS: readonly string[] = SELF_STARTERS.flatMap((element) => WAYS_OUT.map((wayOut) => wayOut(element)));
