// Points on a canvas: where they lie, how they are painted, and which one is nearest to the pointer.

import { contextOf } from "../lib/dom.js";

const MARGIN = 14; // pixels around the points
const REACH = 16; // pixels from the pointer to a point that it finds

export class Plane {
  /**
   * @param {ArrayLike<number>} places x and y of each point in turn
   * @param {string[]} colours
   */
  constructor(places, colours) {
    this.places = places;
    this.colours = colours;
    this.count = colours.length;
    this.box = boxOf(places);
  }

  /**
   * From places to pixels of a canvas of this size, both axes with one scale, y upwards.
   * @param {number} width
   * @param {number} height
   * @returns {(at: number) => [x: number, y: number]}
   */
  placing(width, height) {
    const [left, bottom, right, top] = this.box;
    const scale = Math.min((width - 2 * MARGIN) / (right - left || 1), (height - 2 * MARGIN) / (top - bottom || 1));
    const middle = [(left + right) / 2, (bottom + top) / 2];
    return (at) => [width / 2 + (this.places[2 * at] - middle[0]) * scale,
      height / 2 - (this.places[2 * at + 1] - middle[1]) * scale];
  }
}

/**
 * @param {ArrayLike<number>} places
 * @returns {[left: number, bottom: number, right: number, top: number]}
 */
function boxOf(places) {
  let [left, bottom, right, top] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let at = 0; at < places.length; at += 2) {
    left = Math.min(left, places[at]);
    right = Math.max(right, places[at]);
    bottom = Math.min(bottom, places[at + 1]);
    top = Math.max(top, places[at + 1]);
  }
  return [left, bottom, right, top];
}

/**
 * Paint all points, then those of the same photo larger, then a ring around the one looked at.
 * @param {HTMLCanvasElement} canvas
 * @param {Plane} plane
 * @param {number} at
 * @param {number[]} own
 */
export function draw(canvas, plane, at, own) {
  const { clientWidth: width, clientHeight: height } = canvas, sharp = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * sharp);
  canvas.height = Math.round(height * sharp);
  const context = contextOf(canvas);
  context.scale(sharp, sharp);
  const place = plane.placing(width, height), radius = radiusFor(plane.count);
  context.globalAlpha = own.length ? 0.35 : 0.85;
  for (let row = plane.count - 1; row >= 0; row--) dot(context, place(row), radius, plane.colours[row]); // first on top
  context.globalAlpha = 1;
  const ink = getComputedStyle(canvas).color;
  for (const row of own) dot(context, place(row), radius + 1.5, plane.colours[row], ink);
  if (at >= 0) ring(context, place(at), radius + 5, ink);
}

/** @param {number} count */
function radiusFor(count) {
  return count > 20000 ? 1.5 : count > 3000 ? 2.2 : 3.2;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {[number, number]} place
 * @param {number} radius
 * @param {string} colour
 * @param {string} [outline]
 */
function dot(context, [x, y], radius, colour, outline) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = colour;
  context.fill();
  if (!outline) return;
  context.lineWidth = 1;
  context.strokeStyle = outline;
  context.stroke();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {[number, number]} place
 * @param {number} radius
 * @param {string} colour
 */
function ring(context, [x, y], radius, colour) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.lineWidth = 2;
  context.strokeStyle = colour;
  context.stroke();
}

/**
 * The point nearest to a pixel of the canvas, -1 if none is near.
 * @param {HTMLCanvasElement} canvas
 * @param {Plane} plane
 * @param {number} x
 * @param {number} y
 */
export function nearest(canvas, plane, x, y) {
  const place = plane.placing(canvas.clientWidth, canvas.clientHeight);
  let [found, least] = [-1, REACH ** 2];
  for (let at = 0; at < plane.count; at++) {
    const [px, py] = place(at), square = (px - x) ** 2 + (py - y) ** 2;
    if (square < least) [found, least] = [at, square];
  }
  return found;
}
