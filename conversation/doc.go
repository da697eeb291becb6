// Package conversation is Parley's hub: the domain types, the decision who gets an answer, and the engine that
// turns an addressed message into exactly one outcome.
//
// It knows no platform, no database and no model server. It talks to them through the interfaces of ports.go;
// adapters normalise what a platform sends into an Event, the store keeps it, and the engine runs one turn at a
// time per conversation. Ids of platforms are opaque strings here: only the adapter that made one parses it.
//
// Guarantees: Decide is pure; a turn holds no database connection while it waits for a model or a platform; no
// prompt is larger than the model's window by its own estimate; what people read about a failure is Failure.Safe.
package conversation
