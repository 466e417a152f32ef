// What a row of the benchmark found, for `docs/benchmarks.md`.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from '@playwright/test';

/** One line of the table. */
export interface Figure {
  /** What was measured. */
  what: string;
  /** Ours, with its unit. */
  ours: string;
  /** What it is compared with, and its figure in the same run. */
  against?: string;
  /** Ours to the other, in the sense of the bound. */
  ratio?: number;
  /** The bound, in words; only what `product.md` or an issue sets. */
  bound?: string;
  /** Whether the bound holds. */
  holds?: boolean;
}

/** Writes the lines of the row that this file measures. */
export async function found(...figures: Figure[]): Promise<void> {
  const folder = process.env['ZHICHA_BENCH_OUT'] ?? join(import.meta.dirname, '../test-results/bench');
  await mkdir(folder, { recursive: true });
  const name = test.info().titlePath[0]!.replace(/\.row\.ts$/, '');
  await writeFile(join(folder, `${name}.json`), `${JSON.stringify(figures, null, 2)}\n`);
  for (const figure of figures) console.log(JSON.stringify(figure));
}

/** The middle of these numbers. */
export function median(of: number[]): number {
  return quantile(of, 0.5);
}

/** The number below which a part of these lie (nearest rank). */
export function quantile(of: number[], part: number): number {
  const sorted = [...of].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]!;
}
