// Package store keeps Parley's conversations in Postgres and runs their turns as River jobs.
//
// Guarantees: an event is accepted in one transaction that begins with its conversation's row lock, and makes no
// call outside the database; every addressed message has one line in the ledger (items) that gets exactly one
// outcome; a conversation has at most one unfinished turn, and whatever writes for a turn must hold its lease; an
// open item always has a live job, or gets one from the sweep within seconds, also after a crash, a job deleted by
// hand or a restored backup. No connection is held while a turn runs.
//
// The generated queries are in internal/dbsqlc. Locks and everything about River's own table are plain pgx, since
// sqlc does not know that table. The package knows the conversation package's types, and no platform and no model.
package store
