type Several = readonly [string, ...string[]];

/** The sentences that lessons are put together from. `{subject}` stands for what the prompt is about. */
export interface Phrases {
  readonly anySubject: string;
  /** What stands between two sentences. */
  readonly space: string;
  readonly openings: Several;
  readonly points: Several;
  readonly explanations: Several;
  readonly examples: Several;
  readonly exercises: Several;
  readonly closing: string;
  readonly contact: string;
}

export const LESSON_PHRASES: Readonly<Record<'en' | 'ja', Phrases>> = {
  en: {
    anySubject: 'this subject',
    space: ' ',
    openings: [
      'Welcome! Today we look at {subject}, one small step at a time.',
      'In this lesson you will learn what {subject} is, and when to use it.',
      'Let us begin with {subject}: it looks hard at first and is easy in the end.',
      'Here is a short guide to {subject} for people who meet it for the first time.',
    ],
    points: [
      'Start from what you know about {subject}.',
      'Notice the pattern behind {subject}.',
      'Compare {subject} with something close to it.',
      'Say the rule of {subject} in your own words.',
      'Watch out for the exception.',
    ],
    explanations: [
      'A rule that you can explain to a friend is a rule that you own.',
      'Most mistakes here come from moving too fast, so read each line twice.',
      'The order of the parts decides the meaning, and the parts themselves rarely change.',
      'Beginners mix up the two forms; the first describes a state, the second an action.',
      'It helps to picture a timeline and to put every case on it.',
    ],
    examples: [
      'For example, take three everyday situations and find {subject} in each of them.',
      'Think of a train station in the morning: who is there, and what do they say?',
      'Suppose you want to tell a colleague about it; one sentence is enough.',
      'Look at the pair "before" and "after", and see what changes between them.',
    ],
    exercises: [
      'Now you: write two sentences of your own and read them aloud.',
      'Stop here, close the page, and repeat the rule from memory.',
      'Exercise: which of the cases above does not fit, and why?',
    ],
    closing: 'That is all for today. Come back tomorrow and try it again.',
    contact: 'Any questions? Write to',
  },
  ja: {
    anySubject: 'この内容',
    space: '',
    openings: [
      'ようこそ。今日は「{subject}」を一歩ずつ学びましょう。',
      'このレッスンでは「{subject}」の意味と使い方を学びます。',
      'まずは「{subject}」から始めます。最初は難しく見えますが、すぐに慣れます。',
      '「{subject}」を初めて学ぶ人のための短い案内です。',
    ],
    points: [
      '「{subject}」について知っていることから始めましょう。',
      '「{subject}」の形に注目してください。',
      '似ている表現と比べてみましょう。',
      '規則を自分の言葉で言ってみてください。',
      '例外に気をつけましょう。',
    ],
    explanations: [
      '友だちに説明できれば、もう身についています。',
      '急ぐと間違えやすいので、一行ずつ二回読みましょう。',
      '語順が意味を決め、言葉そのものはあまり変わりません。',
      '一つ目は状態を、二つ目は動作を表します。',
    ],
    examples: [
      '例えば、毎日の生活から場面を三つ選んでみてください。',
      '朝の駅を思い浮かべてください。だれがいて、何と言っていますか。',
      '同僚に伝えるなら、一文で十分です。',
      '「前」と「後」を並べて、何が変わるかを見てみましょう。',
    ],
    exercises: [
      'では、自分で文を二つ書いて、声に出して読みましょう。',
      'ここで一度止まり、規則を思い出してみてください。',
      '練習：上の例の中で合わないものはどれですか。理由も考えましょう。',
    ],
    closing: '今日はここまでです。また明日、もう一度やってみましょう。',
    contact: '質問はこちらへ：',
  },
};
