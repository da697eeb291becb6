package discordsim

// Routes lists the routes that the mux is built from.
func Routes() []string {
	var list []string
	for _, e := range endpoints() {
		list = append(list, e.route)
	}
	return list
}

// PlainName and ReadRequest are opened for fuzzing.
var (
	PlainName   = plainName
	ReadRequest = readRequest
)
