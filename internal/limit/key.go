package limit

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/netip"

	"watchword"
)

// Network is the key of the network that a call came from.
func Network(from watchword.Origin) string {
	ip, _ := netip.ParseAddr(from.IP) // what cannot be read shares one key
	return IPKey(ip)
}

// IPKey is the key of a client's network: an IPv4 address as it is, an IPv6
// address by its /64, which is what one subscriber gets. An IPv4-mapped address
// is the IPv4 address. All invalid addresses share one key.
func IPKey(ip netip.Addr) string {
	ip = ip.Unmap().WithZone("")
	if !ip.Is6() {
		return ip.String()
	}
	network, err := ip.Prefix(64)
	if err != nil { // cannot be: 64 bits fit
		return ip.String()
	}
	return network.String()
}

// digest stands for a key. It makes entries of one size, however long the key,
// and keeps addresses out of the heap and out of Redis. Keyed, so that who reads
// Redis cannot test guessed addresses and nobody can aim at one shard.
type digest [16]byte

type digester []byte

// digest is the digest of key in a space, such as a rule's name, so that the
// same key cannot be followed from one rule to another.
func (d digester) digest(space, key string) (sum digest) {
	mac := hmac.New(sha256.New, d)
	_, _ = io.WriteString(mac, space) // a hash never fails to write
	_, _ = mac.Write([]byte{0})
	_, _ = io.WriteString(mac, key)
	copy(sum[:], mac.Sum(nil))
	return sum
}

// redisKey names a digest in Redis.
func (d digest) redisKey(space string) string {
	return "watchword:" + space + ":" + base64.RawURLEncoding.EncodeToString(d[:])
}
