import { concat, from, interval, lastValueFrom, of } from "rxjs";
import { filter, map, mergeMap, take, toArray } from "rxjs/operators";
export default await lastValueFrom(concat(from([1, 2, 3, 4]).pipe(filter((n) => n % 2 === 0), mergeMap((n) => of(n, n * 10))), interval(1).pipe(take(3), map((n) => `t${n}`))).pipe(toArray()));
