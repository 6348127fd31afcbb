// Copying the address. Where the clipboard is refused, as on an address without https, the older way is tried, and then
// the address stands selected in a field.

/**
 * Copy the address of the page, or show it selected in the field.
 * @param {HTMLInputElement} field hidden but for that
 * @param {(words: string) => void} say
 */
export async function copy(field, say) {
  const address = window.location.href;
  field.hidden = true;
  if ((await written(address)) || selected(field, address)) {
    field.hidden = true;
    say("Copied");
  } else say("The browser refuses: copy it from here");
}

/** @param {string} address */
async function written(address) {
  try {
    await navigator.clipboard.writeText(address);
    return true;
  } catch {
    return false; // refused, or there is no clipboard on this address
  }
}

/**
 * Show the address, selected, and say whether the browser copied it from there.
 * @param {HTMLInputElement} field
 * @param {string} address
 */
function selected(field, address) {
  Object.assign(field, { hidden: false, value: address });
  field.focus();
  field.select();
  try {
    return document.execCommand("copy");
  } catch {
    return false;
  }
}
