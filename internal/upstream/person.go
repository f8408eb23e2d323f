package upstream

// AddressProof says whether a provider's word is proof that somebody reads a
// mailbox.
type AddressProof string

// The two.
const (
	AddressProven   AddressProof = "proven"   // said by a provider that is trusted to know
	AddressUnproven AddressProof = "unproven" // a claim like any other
)

// Person is who a provider says has signed in there. (Issuer, Subject) is who
// they are; all else may change from one sign-in to the next and proves nothing,
// but for the address where Proof says so.
type Person struct {
	Issuer  string
	Subject string
	Email   string // as the provider writes it; empty: it gave none
	Proof   AddressProof
	Name    string
	Picture string
	Locale  string
}
