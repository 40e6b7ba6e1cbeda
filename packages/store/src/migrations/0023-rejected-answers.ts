import { Migration } from '@mikro-orm/migrations';

/** Pairs of a good and a rejected answer are found by the prompt: without an index each example of an export read the whole of memory. */
export class RejectedAnswers extends Migration {
  override up(): void {
    this.addSql(`create index ai_memory_rejected on ai_memory (prompt_hash, scope, simulated) where verdict = 'rejected';`);
  }
}
