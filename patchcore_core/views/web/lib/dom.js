// Elements of HTML and SVG. Text is always set as text, never as HTML: most of it comes from file and folder names.

const SVG = "http://www.w3.org/2000/svg";

/**
 * An element with a class and its contents; strings become text.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {string} [name] its class, or several separated by spaces
 * @param {...(string | Node)} parts
 * @returns {HTMLElementTagNameMap[K]}
 */
export function element(tag, name = "", ...parts) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  made.append(...parts);
  return made;
}

/**
 * A button that is pressed by `press`.
 * @param {string | Node} content
 * @param {(event: MouseEvent) => void} press
 * @param {{ name?: string, title?: string, label?: string }} [words] its class, tooltip and accessible name
 */
export function button(content, press, { name = "", title = "", label = "" } = {}) {
  const made = element("button", name, content);
  made.type = "button";
  if (title) made.title = title;
  if (label) made.setAttribute("aria-label", label);
  made.onclick = press;
  return made;
}

/**
 * An element of SVG with these attributes.
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string | number>} [attributes]
 * @returns {SVGElementTagNameMap[K]}
 */
export function shape(tag, attributes = {}) {
  return put(document.createElementNS(SVG, tag), attributes);
}

/**
 * Text in a picture.
 * @param {string | number} words
 * @param {Record<string, string | number>} attributes
 */
export function text(words, attributes) {
  const made = shape("text", attributes);
  made.textContent = String(words);
  return made;
}

/**
 * The same element with these attributes set.
 * @template {Element} E
 * @param {E} node
 * @param {Record<string, string | number>} attributes
 * @returns {E}
 */
export function put(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  return node;
}

/**
 * What draws on a canvas.
 * @param {HTMLCanvasElement} canvas
 * @param {CanvasRenderingContext2DSettings} [settings]
 */
export function contextOf(canvas, settings) {
  return /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", settings));
}

/**
 * Whether these are all the children of the element, in this order. One that is put back loses the focus, so nothing
 * is moved without need.
 * @param {Element} parent
 * @param {Element[]} children
 */
export function holds(parent, children) {
  return children.length === parent.children.length && children.every((one, at) => one === parent.children[at]);
}

/**
 * The name of a colour as CSS has it: "false alarm" is false-alarm.
 * @param {string} colour
 */
export function cssName(colour) {
  return colour.replace(" ", "-");
}

/**
 * Colours by name as CSS variables of an element: "false alarm" is --false-alarm.
 * @param {HTMLElement} root
 * @param {Record<string, string>} colours
 */
export function setColours(root, colours) {
  for (const [name, colour] of Object.entries(colours)) root.style.setProperty(`--${cssName(name)}`, colour);
}

/**
 * The element that has the focus, also within a component's shadow tree.
 * @param {Element} root
 */
export function focused(root) {
  const tree = root.getRootNode();
  return tree instanceof Document || tree instanceof ShadowRoot ? tree.activeElement : null;
}
