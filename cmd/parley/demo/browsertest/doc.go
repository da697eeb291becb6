// Package browsertest drives the demo page in headless Chromium, as a person would. It holds only tests, behind the
// build tag "peers": they need Node, `npm ci` in this folder, and Chromium (on PATH, or where the variable CHROMIUM
// says). PARLEY_PICTURES names a folder in which the pictures of the page are kept.
package browsertest
