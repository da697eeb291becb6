// Package media prepares files for a model: it finds out what a file is by its content, and turns pictures, sound, film
// and documents into what the model's profile takes. Files are hostile: every step is bounded in memory, time and size.
package media
