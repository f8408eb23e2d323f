package secret

import (
	"errors"
	"strings"
	"testing"

	"watchword"
)

// The hashes that others published, with their passwords.
var foreignHashes = []struct{ name, password, hash string }{
	{"argon2i, reference", "password", "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8"},
	{"argon2id, reference", "password", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"},
	{"argon2id, two lanes", "password", "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc"},
	{"argon2i, 16 bytes", "test", "$argon2i$v=19$m=16,t=2,p=1$bGJRWThNOHJJTVBSdHl2dQ$NfEnUOuUpb7F2fQkgFUG4g"},
	{"bcrypt 2a", "U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"},
	{"bcrypt 2y, eight bits", "\xff\xff\xa3", "$2y$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e"},
	{
		"bcrypt cut at 72 bytes", "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789chars after 72 are ignored",
		"$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui",
	},
	{"pbkdf2-sha1, RFC 6070", "password", "$pbkdf2-sha1$i=4096,l=20$c2FsdA$SwB5AbdlSJq+rUnZJvch0GWkKcE"},
	{"pbkdf2-sha256, RFC 7914", "Password", "$pbkdf2-sha256$i=80000,l=64$TmFDbA$TdzY9guYviGDDO5e8icB+WQaRBjQTAQUrv8Ih2s0q1ah1CWhIlgzVJrbhBtRybMXaicr3ruh0HhHj2Kzl/M8jQ"},
	{"pbkdf2-sha256 without length", "Password", "$pbkdf2-sha256$i=80000$TmFDbA$TdzY9guYviGDDO5e8icB+WQaRBjQTAQUrv8Ih2s0q1ah1CWhIlgzVJrbhBtRybMXaicr3ruh0HhHj2Kzl/M8jQ"},
	{"pbkdf2-sha256, passlib", "password", "$pbkdf2-sha256$6400$0ZrzXitFSGltTQnBWOsdAw$Y11AchqV4b0sUisdZd0Xr97KWoymNE0LNNrnEgY4H9M"},
	{"pbkdf2-sha512, passlib", "123", "$pbkdf2-sha512$10000$nTMGwBjDWCslpA$iRDbnITHME58h1/eVolNmPsHVqxkji/.BH0Q0GQFXEwtFvVwdwgxX4KcN/G9lUGTmv7xlklDeUp4DD4ClhxP/Q"},
	{"pbkdf2_sha256, Django", "lètmein", "pbkdf2_sha256$10000$seasalt$CWWFdHOWwPnki7HvkcqN9iA2T3KLW1cf2uZ5kvArtVY="},
	{"pbkdf2_sha1, Django", "not a password", "pbkdf2_sha1$10000$wz5B6WkasRoF$atJmJ1o+XfJxKq1+Nu1f1i57Z5I="},
	{"scrypt, RFC 7914", "password", "$scrypt$ln=10,r=8,p=16$TmFDbA$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWIurzDZLiKjiG/xCSedmDDaxyevuUqD7m2DYMvfoswGQA"},
	{"scrypt, passlib", "password", "$scrypt$ln=8,r=8,p=1$WKs1xljLudd6z9kbY0wpJQ$yCR4iDZYDKv+iEJj6yHY0lv/epnfB6f/w1EbXrsJOuQ"},
	{"Firebase, published", "user1password", "$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==$42xEC+ixf3L2lw==$lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ=="},
	{"Firebase, URL-safe", "user1password", "$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==$42xEC-ixf3L2lw==$lSrfV15cpx95_sZS2W9c9Kp6i_LVgQNDNC_qzrCnh1SAyZvqmZqAjTdn3aoItz-VHjoZilo78198JAdRuid5lQ=="},
}

func TestForeignHashesVerifyAndNeedRehashing(t *testing.T) {
	t.Parallel()
	hasher := NewHasher(HasherOptions{})
	for _, c := range foreignHashes {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			hash, err := ParseHash(c.hash)
			if err != nil {
				t.Fatal(err)
			}
			verdict, err := hasher.Verify(t.Context(), hash, NewString(c.password))
			if err != nil || verdict != VerdictMatchRehash {
				t.Errorf("the right password: %v, %v", verdict, err)
			}
			verdict, err = hasher.Verify(t.Context(), hash, NewString("x"+c.password))
			if err != nil || verdict != VerdictMismatch {
				t.Errorf("a wrong password: %v, %v", verdict, err)
			}
		})
	}
}

const (
	salt16 = "AAAAAAAAAAAAAAAAAAAAAA"
	key32  = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)

func TestParseHashRefuses(t *testing.T) {
	t.Parallel()
	body := strings.Repeat("a", 53)
	for _, c := range []struct {
		hash string
		want error
	}{
		{"", ErrUnsupportedHash},
		{"plain text", ErrUnsupportedHash},
		{"5f4dcc3b5aa765d61d8327deb882cf99", ErrUnsupportedHash},
		{"$", ErrUnsupportedHash},
		{"$1$salt$hash", ErrUnsupportedHash},
		{"$2x$10$" + body, ErrUnsupportedHash},
		{"md5$salt$hash", ErrUnsupportedHash},
		{"pbkdf2_sha512$1$salt$" + key32, ErrUnsupportedHash},
		{"argon2id$v=19$m=64,t=1,p=1$" + salt16 + "$" + key32, ErrUnsupportedHash},
		{strings.Repeat("$", maxHashText+1), ErrMalformedHash},

		{"$argon2d$v=19$m=64,t=1,p=1$" + salt16 + "$" + key32, ErrUnsupportedHash},
		{"$argon2id$v=16$m=64,t=1,p=1$" + salt16 + "$" + key32, ErrUnsupportedHash},
		{"$argon2id$m=64,t=1,p=1$" + salt16 + "$" + key32, ErrMalformedHash},
		{"$argon2id$v=19$m=64,t=1,p=1$" + salt16, ErrMalformedHash},
		{"$argon2id$v=19$m=64,t=1$" + salt16 + "$" + key32, ErrMalformedHash},
		{"$argon2id$v=19$t=1,m=64,p=1$" + salt16 + "$" + key32, ErrMalformedHash},
		{"$argon2id$v=19$m=64,t=1,p=1,data=AA$" + salt16 + "$" + key32, ErrMalformedHash},
		{"$argon2id$v=19$m=064,t=1,p=1$" + salt16 + "$" + key32, ErrMalformedHash},
		{"$argon2id$v=19$m=+64,t=1,p=1$" + salt16 + "$" + key32, ErrMalformedHash},
		{"$argon2id$v=19$m=64,t=0,p=1$" + salt16 + "$" + key32, ErrMalformedHash},
		{"$argon2id$v=19$m=4,t=1,p=1$" + salt16 + "$" + key32, ErrMalformedHash},
		{"$argon2id$v=19$m=64,t=1,p=1$AAAA$" + key32, ErrMalformedHash},
		{"$argon2id$v=19$m=64,t=1,p=1$" + salt16 + "$AAAA", ErrMalformedHash},
		{"$argon2id$v=19$m=64,t=1,p=1$" + salt16 + "$" + key32[:42] + "B", ErrMalformedHash},
		{"$argon2id$v=19$m=64,t=1,p=1$" + salt16 + "$" + key32[:20] + "\n" + key32[20:], ErrMalformedHash},
		{"$argon2id$v=19$m=64,t=1,p=1$" + salt16 + "$" + key32 + "==", ErrMalformedHash},
		{"$argon2id$v=19$m=64,t=1,p=1$" + salt16 + "$" + key32 + "$", ErrMalformedHash},
		{"$argon2id$v=19$m=131073,t=1,p=1$" + salt16 + "$" + key32, ErrCostlyHash},
		{"$argon2id$v=19$m=131072,t=5,p=1$" + salt16 + "$" + key32, ErrCostlyHash},
		{"$argon2id$v=19$m=8,t=999999999,p=1$" + salt16 + "$" + key32, ErrCostlyHash},
		{"$argon2id$v=19$m=1024,t=1,p=17$" + salt16 + "$" + key32, ErrCostlyHash},
		{"$argon2id$v=19$m=1024,t=1,p=257$" + salt16 + "$" + key32, ErrCostlyHash},
		{"$argon2id$v=19$m=99999999999,t=1,p=1$" + salt16 + "$" + key32, ErrMalformedHash},

		{"$2a$10$" + body[1:], ErrMalformedHash},
		{"$2a$10$" + body + "a", ErrMalformedHash},
		{"$2a$10$" + body[1:] + "!", ErrMalformedHash},
		{"$2a$1$" + body, ErrMalformedHash},
		{"$2a$03$" + body, ErrMalformedHash},
		{"$2a$15$" + body, ErrCostlyHash},
		{"$2b$31$" + body, ErrCostlyHash},

		{"$pbkdf2-sha256$i=2000001,l=32$" + salt16 + "$" + key32, ErrCostlyHash},
		{"$pbkdf2-sha1$i=1000001,l=32$" + salt16 + "$" + key32, ErrCostlyHash}, // two blocks
		{"$pbkdf2-sha256$999999999$" + salt16 + "$" + key32, ErrCostlyHash},
		{"$pbkdf2-sha256$i=1000,l=20$" + salt16 + "$" + key32, ErrMalformedHash},
		{"$pbkdf2-sha256$i=1000,l=32,x=1$" + salt16 + "$" + key32, ErrMalformedHash},
		{"$pbkdf2-sha256$$" + salt16 + "$" + key32, ErrMalformedHash},
		{"$pbkdf2-sha256$-1$" + salt16 + "$" + key32, ErrMalformedHash},
		{"$pbkdf2-sha256$1000$$" + key32, ErrMalformedHash},
		{"$pbkdf2-md5$1000$" + salt16 + "$" + key32, ErrUnsupportedHash},
		{"pbkdf2_sha256$9999999$salt$" + key32, ErrCostlyHash},
		{"pbkdf2_sha256$1000$$" + key32, ErrMalformedHash},
		{"pbkdf2_sha256$1000$salt", ErrMalformedHash},
		{"pbkdf2_sha256$1000$sa\x00lt$" + key32, ErrMalformedHash},
		{"pbkdf2_sha256$1000$sa\xfflt$" + key32, ErrMalformedHash},

		{"$scrypt$ln=18,r=8,p=1$" + salt16 + "$" + key32, ErrCostlyHash},
		{"$scrypt$ln=17,r=8,p=2$" + salt16 + "$" + key32, ErrCostlyHash},
		{"$scrypt$ln=21,r=1,p=1$" + salt16 + "$" + key32, ErrCostlyHash},
		{"$scrypt$ln=999999999,r=1,p=1$" + salt16 + "$" + key32, ErrCostlyHash},
		{"$scrypt$ln=1,r=999999999,p=999999999$" + salt16 + "$" + key32, ErrCostlyHash},
		{"$scrypt$ln=10,r=8$" + salt16 + "$" + key32, ErrMalformedHash},
		{"$scrypt$ln=10,r=8,p=1$" + salt16, ErrMalformedHash},

		{"$fbscrypt$v=1,n=14,r=8,p=1$" + salt16 + "$" + key32, ErrMalformedHash},
		{"$fbscrypt$v=2,n=14,r=8,p=1,ss=Bw==,sk=" + key32 + "$" + salt16 + "$" + key32, ErrUnsupportedHash},
		{"$fbscrypt$v=1,n=14,r=8,p=2,ss=Bw==,sk=" + key32 + "$" + salt16 + "$" + key32, ErrUnsupportedHash},
		{"$fbscrypt$v=1,n=20,r=8,p=1,ss=Bw==,sk=" + key32 + "$" + salt16 + "$" + key32, ErrCostlyHash},
		{"$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=$" + salt16 + "$" + key32, ErrMalformedHash},
		{"$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=" + key32 + "$" + salt16 + "$" + salt16, ErrMalformedHash},
	} {
		_, err := ParseHash(c.hash)
		if !errors.Is(err, c.want) {
			t.Errorf("%q: got %v, want %v", c.hash, err, c.want)
			continue
		}
		if watchword.KindOf(err) != watchword.KindInvalid || strings.Contains(err.Error(), salt16) {
			t.Errorf("%q: error %v", c.hash, err)
		}
	}
}

func TestParseHashAcceptsWhatTheCapsAllow(t *testing.T) {
	t.Parallel()
	for _, hash := range []string{
		"$argon2id$v=19$m=131072,t=4,p=1$" + salt16 + "$" + key32,
		"$argon2id$v=19$m=65536,t=3,p=4$" + salt16 + "$" + key32,
		"$2b$14$" + strings.Repeat("a", 53),
		"$scrypt$ln=17,r=8,p=1$" + salt16 + "$" + key32,
		"$pbkdf2-sha1$i=2000000,l=20$" + salt16 + "$AAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"pbkdf2_sha256$1200000$salt$" + key32 + "=",
		"$fbscrypt$v=1,n=14,r=8,p=1,ss=,sk=" + key32 + "$" + salt16 + "$" + key32,
	} {
		got, err := ParseHash(hash)
		if err != nil || got.Reveal() != hash {
			t.Errorf("%s: %v", hash, err)
		}
	}
}

func FuzzParseHash(f *testing.F) {
	for _, c := range foreignHashes {
		f.Add(c.hash)
	}
	f.Add("$argon2id$v=19$m=131072,t=4,p=16$" + salt16 + "$" + key32)
	f.Add("$scrypt$ln=20,r=1,p=1$" + salt16 + "$" + key32)
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := parseScheme(text)
		if err != nil {
			if parsed != nil || watchword.KindOf(err) != watchword.KindInvalid {
				t.Errorf("refused as %v with %v", err, parsed)
			}
			return
		}
		if costly(t, parsed) {
			t.Errorf("accepted beyond the caps: %q", text)
		}
	})
}

// costly works the costs out in another way than the parsers do.
func costly(t *testing.T, parsed scheme) bool {
	switch h := parsed.(type) {
	case argon2Hash:
		memory, passes := uint64(h.params.Memory), uint64(h.params.Time)
		return memory > 128<<10 || memory*passes > 512<<10 || h.params.Threads > 16 ||
			h.params.Threads < 1 || passes < 1 || len(h.salt) > 64 || len(h.key) > 64 || len(h.key) < 16
	case bcryptHash:
		return h.text.Reveal()[4:6] > "14"
	case pbkdf2Hash:
		blocks := uint64(len(h.key)+h.digest().Size()-1) / uint64(h.digest().Size())
		return uint64(h.iterations)*blocks > 2_000_000 || h.iterations < 1 || len(h.key) < 16
	case scryptHash:
		return costlyScrypt(h.cost)
	case firebaseHash:
		return costlyScrypt(h.cost) || len(h.encrypted) != len(h.signer)
	default:
		t.Errorf("a scheme without caps: %T", parsed)
		return true
	}
}

func costlyScrypt(c scryptCost) bool {
	n, r, p := uint64(c.n), uint64(c.r), uint64(c.p)
	return n < 2 || r < 1 || p < 1 || n*r*p > 1<<20 || 128*n*r > 128<<20
}
