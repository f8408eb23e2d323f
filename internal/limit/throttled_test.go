package limit

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"watchword"

	gocmp "github.com/google/go-cmp/cmp"
)

func TestThrottledSumsUpByRuleAndKey(t *testing.T) {
	t.Parallel()
	var throttled Throttled
	inParallel(100, func(i int) {
		throttled.Note("sign_in", "192.0.2."+strconv.Itoa(i%2))
	})
	throttled.Note("mail", "192.0.2.1")
	got := throttled.Drain()
	slices.SortFunc(got, func(a, b Sum) int {
		return cmp.Or(strings.Compare(a.Rule, b.Rule), strings.Compare(a.Key, b.Key))
	})
	want := []Sum{{"mail", "192.0.2.1", 1}, {"sign_in", "192.0.2.0", 50}, {"sign_in", "192.0.2.1", 50}}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if again := throttled.Drain(); len(again) != 0 {
		t.Errorf("drained twice: %v", again)
	}
}

func TestThrottledIsBounded(t *testing.T) {
	t.Parallel()
	var throttled Throttled
	for i := range 5 * maxSums {
		throttled.Note("sign_in", strconv.Itoa(i))
	}
	sums := throttled.Drain()
	if len(sums) > maxSums+1 {
		t.Errorf("%d sums", len(sums))
	}
	total, others := 0, 0
	for _, sum := range sums {
		total += sum.Count
		if sum.Key == "" {
			others = sum.Count
		}
	}
	if total != 5*maxSums || others != 4*maxSums {
		t.Errorf("%d noted in all, %d of them untold", total, others)
	}
}

func TestThrottledTakesBackWhatCouldNotBeKept(t *testing.T) {
	t.Parallel()
	var throttled Throttled
	throttled.Note("sign_in", "192.0.2.1")
	throttled.Restore(throttled.Drain())
	throttled.Note("sign_in", "192.0.2.1")
	if got := throttled.Drain(); len(got) != 1 || got[0].Count != 2 {
		t.Errorf("%+v", got)
	}
}

func TestALimiterSumsUpWhatItRefuses(t *testing.T) {
	t.Parallel()
	l := memoryWorld(t).node(t)
	pass(t, l, tenPerHour, "ses_1", 10)
	fail(t, l, "ada", 5)
	for _, ip := range []string{"2001:db8::1", "2001:db8::2"} { // one network
		_ = l.Take(t.Context(), tenPerHour, "ses_1", watchword.Origin{IP: ip})
		_, _ = l.Begin(t.Context(), "ada", watchword.Origin{IP: ip})
		l.Refused("elsewhere", watchword.Origin{IP: ip})
	}
	got := map[Sum]bool{}
	for _, sum := range l.Throttled().Drain() {
		got[sum] = true
	}
	want := map[Sum]bool{
		{Rule: tenPerHour.Name, Key: "192.0.2.7", Count: 1}:      true,
		{Rule: tenPerHour.Name, Key: "2001:db8::/64", Count: 2}:  true,
		{Rule: "wrong_password", Key: "2001:db8::/64", Count: 2}: true,
		{Rule: "elsewhere", Key: "2001:db8::/64", Count: 2}:      true,
	}
	if !maps.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}
