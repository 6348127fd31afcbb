// How panes stand in the room that there is.

/**
 * In how many columns panes show a photo largest; of ways that show it as large, the one with the
 * fewest empty places, then the one with more columns.
 * @param {number} count of panes
 * @param {{ wide: number, high: number }} room pixels
 * @param {{ width: number, height: number }} photo
 * @param {number} head pixels above each pane
 */
export function columnsFor(count, { wide, high }, { width, height }, head) {
  let [best, largest, fewest] = [1, -Infinity, count];
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const zoom = Math.min(wide / columns / width, (high / rows - head) / height);
    const empty = rows * columns - count;
    if (zoom < largest * 0.99 || (zoom <= largest * 1.01 && empty > fewest)) continue;
    [best, largest, fewest] = [columns, Math.max(zoom, largest), empty];
  }
  return best;
}
