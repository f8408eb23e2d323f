package main

// scenario is one line of the table: what every connection does, and what it
// needs to do it. To add one, write its journey in a file of its own and name
// it in scenarios.
type scenario struct {
	name     string
	journey  func(s *stage, part, parts int) journey
	sessions bool   // it walks signed-in sessions
	provider bool   // it leads through the provider, whose time is told apart
	people   bool   // the provider's people have been here before
	hashes   bool   // each request costs a password hash, so the bare hash is its measure
	memory   string // the row that tells the server's peak memory after it
	// flood is played beside it, by floodConns connections, and not measured.
	flood func(s *stage, part, parts int) journey
}

// floodConns is twice the connections of the largest usual cell: more sign-ins
// than the hash can serve within its queue's bound.
const floodConns = 64

// scenarios are in the order in which they are played: what writes the most
// users comes after what counts them.
func scenarios() []scenario {
	return []scenario{
		{name: "health", journey: health},
		{name: "sign-in", journey: signIn, hashes: true, memory: whatMemoryLoad},
		{name: "me", journey: me, sessions: true},
		{name: "refresh", journey: refresh, sessions: true},
		{name: "refresh-in-flood", journey: refresh, sessions: true, flood: signIn},
		{name: onlyComeBack, journey: comeBack, provider: true, people: true},
		{name: onlyComeNew, journey: comeNew, provider: true},
		{name: "sign-up", journey: signUp, hashes: true},
	}
}

// What is asked for by name elsewhere, too. The first two are no journeys.
const (
	onlyStart  = "start"
	onlyMemory = "memory"
	// Journeys for which a provider must be there.
	onlyComeBack = "provider-sign-in"
	onlyComeNew  = "provider-sign-up"
)

// names are all that --only takes.
func names() []string {
	return append(append(plain(), onlyLists), mailNames()...)
}

// plain are those of them that are played with the seeded users and without mail.
func plain() []string {
	list := []string{onlyStart, onlyMemory}
	for _, s := range scenarios() {
		list = append(list, s.name)
	}
	return list
}

const jsonFields = "Content-Type: application/json\r\nX-Session-Mode: token\r\n"

func post(path string, body []byte) request {
	return request{method: "POST", path: path, fields: jsonFields, body: body}
}

func get(path string) request {
	return request{method: "GET", path: path}
}
