// What every form of the benchmark asks: invented items that pass, fail or do not apply, and a note where one fails.

/** One item. */
export interface Item {
  id: string;
  code: string;
  text: string;
}

/** An answer and its word. */
export const answers: [value: string, word: string][] = [
  ['pass', '合格'],
  ['fail', '不合格'],
  ['not-applicable', '不适用'],
];

/** The name of the note. */
export const note = '看到了什么';

const places = ['车间', '仓库', '楼梯间', '厨房', '配电室', '门厅', '地下室'];
const things = ['疏散通道畅通，没有堆放杂物', '灭火器在有效期内，压力正常', '应急照明和疏散指示标志完好', '电气线路没有私拉乱接', '消火栓水压正常，配件齐全'];

/** The first `count` items. */
export function items(count: number): Item[] {
  return Array.from({ length: count }, (_, n) => ({
    id: `i-${n + 1}`,
    code: `XG-${String(n + 1).padStart(3, '0')}`,
    text: `虚构${places[n % places.length]}${Math.floor(n / places.length) + 1}：${things[n % things.length]}。`,
  }));
}

/** In a page: the items that its address asks for. */
export function asked(): Item[] {
  return items(Number(new URLSearchParams(location.search).get('items')));
}
