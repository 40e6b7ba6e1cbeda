import { AUDIO_REQUEST_TYPE } from '@ai-core/core';

/** What is asked for under one request type in the month that is replayed. */
export interface RequestMix {
  readonly requestType: string;
  /** Of all requests. */
  readonly share: number;
  /** Length of the prompt in words, of speech in characters: log-normal. */
  readonly length: { readonly median: number; readonly sigma: number; readonly most: number };
  /** Of its requests, those that are about one person and never come again. */
  readonly personalShare: number;
  /** Of its moments, those in which a whole class asks the same. */
  readonly classShare: number;
  /** Nobody sits in front of it: it is made in advance, or sent later. */
  readonly patient?: boolean;
}

/** A school that teaches languages: the types of the product's own catalogue. */
export const REQUEST_MIX: readonly RequestMix[] = [
  { requestType: 'quiz', share: 0.32, length: { median: 40, sigma: 0.5, most: 200 }, personalShare: 0, classShare: 0.02 },
  { requestType: AUDIO_REQUEST_TYPE, share: 0.256, length: { median: 500, sigma: 0.7, most: 2_000 }, personalShare: 0, classShare: 0.02 },
  { requestType: 'lesson_script', share: 0.142, length: { median: 150, sigma: 0.6, most: 800 }, personalShare: 0, classShare: 0.02 },
  { requestType: 'email', share: 0.122, length: { median: 80, sigma: 0.5, most: 300 }, personalShare: 0.35, classShare: 0, patient: true },
  {
    requestType: 'podcast_script',
    share: 0.1,
    length: { median: 250, sigma: 0.6, most: 1_000 },
    personalShare: 0,
    classShare: 0,
    patient: true,
  },
  {
    requestType: 'report',
    share: 0.06,
    length: { median: 400, sigma: 0.6, most: 1_500 },
    personalShare: 0.5,
    classShare: 0,
    patient: true,
  },
];

/** How popular the second, third ... prompt of a type is: the n-th is asked n^-1.37 times as often as the first. */
export const ZIPF_EXPONENT = 1.37;
/** Learners of a class. */
export const CLASS_SIZE = { least: 8, most: 30 } as const;
/** A class asks within this time. */
export const CLASS_SPAN_MS = 45_000;
/** Of text requests, those typed with other capitals or spaces. */
export const RESPELLED_SHARE = 0.12;
export const LEARNERS = 1_000;
export const DAYS = 30;
/** How busy each hour of the day is. */
export const HOUR_WEIGHTS: readonly number[] = [0, 0, 0, 0, 0, 0, 1, 3, 8, 10, 10, 8, 6, 7, 8, 8, 7, 7, 8, 9, 8, 5, 2, 1];
