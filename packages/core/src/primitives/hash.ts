/**
 * A short name for a text: 53 bits of it in base 36, the same everywhere (cyrb53, public domain).
 *
 * Tells texts apart; it does not protect against somebody who looks for two that collide.
 */
export function hashText(text: string): string {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    high = Math.imul(high ^ unit, 2654435761);
    low = Math.imul(low ^ unit, 1597334677);
  }
  high = mixed(high, low);
  low = mixed(low, high);
  return (4294967296 * (2097151 & low) + (high >>> 0)).toString(36);
}

function mixed(one: number, other: number): number {
  return Math.imul(one ^ (one >>> 16), 2246822507) ^ Math.imul(other ^ (other >>> 13), 3266489909);
}
