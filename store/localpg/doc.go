// Package localpg runs a private Postgres from the machine's own binaries, for whoever has no database server.
//
// Guarantees: the server listens on a Unix socket only, in a folder that nobody but its owner may enter; it ends
// with the process that started it, also when that is killed; fsync stays on; one process owns a data folder, and a
// second one is refused in a sentence. As root the server runs as the user postgres (or nobody), as Postgres
// demands. The package downloads nothing and upgrades no data to another major version.
package localpg
