package waitlist

import "testing"

// A spreadsheet takes what begins so for a formula; where it parts lists at
// semicolons, each piece.
func TestNoCellOfAFileIsAFormula(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"=HYPERLINK(\"https://evil.example\")": "'=HYPERLINK(\"https://evil.example\")", "+1": "'+1", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "\tx": "'\tx", "\rx": "'\rx",
		"\nx": "'\nx", " =1": "' =1", "\"=1": "'\"=1", "\u3000=1": "'\u3000=1", "＝1": "'＝1", "＋1": "'＋1", "－1": "'－1", "＠SUM(A1)": "'＠SUM(A1)",
		"x;=1": "x;'=1", "x;y;@1; +1;\"\"-1": "x;y;'@1;' +1;'\"\"-1", "x\t=1": "x\t'=1", "x\r=1": "x\r'=1", "x\n＝1": "x\n'＝1", "x;;=1": "x;;'=1", ";=1": ";'=1",
		"a;b": "a;b", "a\tb": "a\tb", ";": ";", "\xff=": "\xff=", "a - b": "a - b", "a＝b": "a＝b", " ": " ",
		"Ada": "Ada", "": "", "a=b": "a=b", "'=x": "'=x", "ada@example.com": "ada@example.com", "Élodie": "Élodie",
	} {
		if got := cell(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}
