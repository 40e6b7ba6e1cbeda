/** Reports that come as pages of buckets, each with its results: OpenAI's and Anthropic's admin APIs. */
import { z } from 'zod';
import { billFault, type BillContent } from '../bill-format.ts';

const Page = z.object({ data: z.array(z.unknown()), has_more: z.boolean().optional() });

/** @returns every result's place and fault, in words of the schema */
export function firstProblem(error: z.ZodError): string {
  const [issue] = error.issues;
  const path = (issue?.path ?? []).join('.');
  return `${path === '' ? '' : `${path}: `}${issue?.message ?? 'is not as documented'}`;
}

export interface PlacedBucket<Bucket> {
  readonly place: string;
  readonly bucket: Bucket;
}

/** True when the first page has buckets whose first one fits. */
export function hasBuckets(content: BillContent, fits: z.ZodType): boolean {
  if (content.kind !== 'json') return false;
  const pages = content.pages.map((page) => Page.safeParse(page));
  const first = pages.find((page) => page.success && page.data.data.length > 0);
  return first?.success === true && fits.safeParse(first.data.data[0]).success;
}

/** @throws REQUEST_INVALID for a page or a bucket of another form, and when the last page says that there are more */
export function readBuckets<Bucket>(content: BillContent, schema: z.ZodType<Bucket>): PlacedBucket<Bucket>[] {
  const pages = content.kind === 'json' ? content.pages : [];
  return pages.flatMap((value, number) => {
    const prefix = pages.length === 1 ? '' : `page ${number + 1} `;
    const page = Page.safeParse(value);
    if (!page.success) throw billFault(`${prefix}the page`, firstProblem(page.error));
    if (number === pages.length - 1 && page.data.has_more === true) {
      throw billFault(`${prefix}has_more`, 'further pages exist; fetch them all and put the pages into one JSON list');
    }
    return page.data.data.map((entry, index) => {
      const place = `${prefix}data[${index}]`;
      const bucket = schema.safeParse(entry);
      if (!bucket.success) throw billFault(place, firstProblem(bucket.error));
      return { place, bucket: bucket.data };
    });
  });
}

/** Every UTC day from the first moment up to, and without, the second. */
export function daysBetween(from: Date, until: Date): string[] {
  const days: string[] = [];
  for (let at = Date.parse(from.toISOString().slice(0, 10)); at < until.getTime(); at += 86_400_000) {
    days.push(new Date(at).toISOString().slice(0, 10));
  }
  return days;
}
