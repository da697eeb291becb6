// Package discordjstest checks the simulated Discord with a client that nobody here wrote: a small
// bot on discord.js (bot.mjs) must be able to log in, receive and answer on it. The test needs
// Node.js and an npm install in this folder, and runs with the build tag peers.
package discordjstest
