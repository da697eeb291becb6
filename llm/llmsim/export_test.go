package llmsim

// MeasureSound is the recogniser of a server that has none.
var MeasureSound = measureSound
