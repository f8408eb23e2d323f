package store_test

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"watchword/internal/store"
	"watchword/internal/store/storetest"
)

// hotQueries are those that run at every request or poll, by their names in the
// generated code, with the indexes that must carry them. Besides, none may scan.
var hotQueries = map[string][]string{
	"getLogin":                  {"emails_exclusive"},
	"findUserByAddress":         {"emails_exclusive"},
	"listWaysIn":                {"emails_exclusive", "identities_user"},
	"markSignIn":                nil, // by primary key, as the next ones
	"getUser":                   {"emails_primary"},
	"getDefaultMembership":      {"memberships_user"},
	"getMembership":             {"memberships_user"},
	"listMemberships":           {"memberships_user"},
	"getMember":                 {"emails_primary"},
	"listMembers":               {"memberships_account", "emails_primary"},
	"findMemberByAddress":       {"emails_exclusive", "memberships_user"},
	"findOtherOwner":            {"memberships_account"},
	"findOtherMember":           {"memberships_account"},
	"rotateSession":             {"emails_primary", "memberships_user"},
	"getSession":                {"emails_primary", "memberships_user"},
	"insertSession":             {"waitlist_entries_user"},
	"switchSession":             {"waitlist_entries_user"},
	"revokeUserSessions":        {"sessions_user"},
	"siftSessions":              {"sessions_user"},
	"skipSessions":              {"sessions_user"},
	"getMe":                     {"emails_user_address", "memberships_user", "identities_user", "waitlist_entries_user"},
	"listEvents":                nil,
	"listEventsOfType":          {"events_type"},
	"listEventsOfUser":          {"events_user"},
	"listEventsOfAccount":       {"events_account"},
	"listRarerEventsOfUser":     {"events_user_type"},
	"listRarerEventsOfAccount":  {"events_account_type"},
	"siftEventsOfUser":          {"events_user"},
	"skipEventsOfUser":          {"events_user"},
	"siftEventsOfAccount":       {"events_account"},
	"skipEventsOfAccount":       {"events_account"},
	"getStatistics":             nil,
	"claimStatistics":           nil,
	"countEvents":               {"events_type"},
	"countUsers":                {"emails_primary", "sessions_user"},
	"countSessions":             nil,
	"countFailedJobs":           {"jobs_failed"},
	"claimJobs":                 {"jobs_due"},
	"getAPIKey":                 nil,
	"purgeEventsOfType":         {"events_type"},
	"purgeSessions":             {"sessions_end", "sessions_revoked"},
	"purgeOneTimeTokens":        {"one_time_tokens_end"},
	"purgeJobs":                 {"jobs_end"},
	"listJobs":                  {"jobs_kind"},
	"siftDoneJobs":              {"jobs_kind"},
	"skipJobs":                  {"jobs_kind"},
	"listWaitingJobs":           {"jobs_waiting"},
	"listFailedJobs":            {"jobs_failed"},
	"getAPIKeyByID":             nil,
	"lockAPIKey":                nil,
	"listAPIKeys":               nil,
	"getOneTimeToken":           nil,
	"useOneTimeToken":           nil,
	"tryCode":                   nil,
	"countWrongCodes":           {"one_time_tokens_address"},
	"voidUserTokens":            {"one_time_tokens_user"},
	"voidTokensOfPurpose":       {"one_time_tokens_user", "one_time_tokens_address"},
	"voidEmailTokens":           {"one_time_tokens_email"},
	"voidInviteTokens":          {"one_time_tokens_invite"},
	"eraseJobsOfDeadTokens":     {"jobs_token"},
	"eraseJobsOfInvite":         {"jobs_token", "one_time_tokens_invite"},
	"eraseJobsOfAccount":        {"jobs_token"},
	"eraseJobsOfEmail":          {"jobs_token", "one_time_tokens_email"},
	"eraseJobsOfUser":           {"jobs_token", "one_time_tokens_user"},
	"verifyEmail":               {"emails_exclusive"},
	"listInvites":               {"invites_account"},
	"listInboxMessages":         nil,
	"listInboxMessagesTo":       {"inbox_messages_recipient"},
	"getInboxMessage":           nil,
	"revokeInvitesBy":           {"invites_account"},
	"eraseJobsOfDeadUserTokens": {"jobs_token", "one_time_tokens_user"},
	"lockInvite":                nil,
	"getClient":                 nil,
	"lockClient":                nil,
	"listClients":               nil,
	"expireClientSecret":        {"client_secrets_newest"},
	"deleteOlderClientSecrets":  {"client_secrets_client"},
	"deleteClientSecrets":       {"client_secrets_client"},
	"revokeClientSessions":      {"sessions_client"},
	"getProviderFlow":           nil,
	"useProviderFlow":           nil,
	"purgeProviderFlows":        {"provider_flows_end"},
	"findIdentity":              {"identities_subject"},
	"listIdentities":            {"identities_user"},
	"deleteIdentity":            nil,
	"deleteIdentities":          {"identities_user"},
	"getStanding":               {"memberships_user", "waitlist_entries_user"},
	"lockMembership":            {"memberships_user"},
	"countOwnEntries":           {"waitlist_entries_user"},
	"insertWaitlistEntry":       {"memberships_user"},
	"deleteWaitlistEntry":       {"waitlist_entries_user"},
	"listOwnEntries":            {"waitlist_entries_user"},
	"getFeature":                {"waitlist_entries_status"},
	"listFeatures":              {"waitlist_entries_status"},
	"deleteEntriesOfFeature":    {"waitlist_entries_feature"},
	"listEntries":               {"waitlist_entries_feature", "emails_primary"},
	"listEntriesOfStatus":       {"waitlist_entries_status", "emails_primary"},
	"listEntriesOfAccount":      {"waitlist_entries_account", "emails_primary"},
	"siftEntriesOfAccount":      {"waitlist_entries_account", "emails_primary"},
	"skipEntriesOfAccount":      {"waitlist_entries_account"},
	"countWaiting":              {"waitlist_entries_status"},
	"countWaitingOfAccount":     {"waitlist_entries_account"},
	"findFirstWaiting":          {"waitlist_entries_status"},
	"approveFirst":              {"waitlist_entries_status"},
	"approveAccount":            {"waitlist_entries_account"},
	"approveUser":               {"waitlist_entries_user"},
	"approveAddress":            {"waitlist_entries_user"},
	"listUserIDs":               nil,
	"siftUserIDs":               nil,
	"skipUserIDs":               nil,
	"listDisabledUserIDs":       {"users_disabled"},
	"searchUsersByAddress":      {"emails_exclusive", "emails_user_address"},
	"searchUsersByClaim":        {"emails_claims", "emails_user_address"},
	"searchUsersByName":         {"users_name", "emails_user_address"},
	"skipAddresses":             {"emails_exclusive"},
	"skipClaims":                {"emails_claims"},
	"skipUserNames":             {"users_name"},
	"skipAccountNames":          {"accounts_name"},
	"listUsersByID":             nil,
	"listEmailsByUser":          {"emails_user_address"},
	"listIdentitiesByUser":      {"identities_user"},
	"listMembershipsByUser":     {"memberships_user"},
	"listUsersToDelete":         {"users_delete"},
	"listAccounts":              nil,
	"searchAccountsBySlug":      nil,
	"searchAccountsByName":      {"accounts_name"},
	"findHeir":                  {"memberships_account"},
	"siftAllSessions":           nil,
	"skipAllSessions":           nil,
	"listAllInvites":            nil,
	"siftAllInvites":            nil,
	"skipAllInvites":            nil,
	"siftInvites":               {"invites_account"},
	"skipInvites":               {"invites_account"},
	"getIdempotencyKey":         nil,
	"purgeIdempotencyKeys":      {"idempotency_keys_end"},
	"exportUsers":               nil,
	"exportEmails":              nil,
	"exportIdentities":          nil,
	"exportAccounts":            nil,
	"exportMemberships":         nil,
	"exportInvites":             nil,
	"exportFeatures":            nil,
	"exportWaitlistEntries":     nil,
	"exportClients":             nil,
	"exportClientSecrets":       {"client_secrets_client"},
	"readAccountBySlug":         nil,
	"readClientOfSecret":        nil,
}

func TestHotQueriesUseTheirIndexes(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		s := storetest.Open(t, engine, nil)
		fill(t, s)
		analyze(t, s)
		for name, indexes := range hotQueries {
			if err := carried(t.Context(), s, statement(t, name), indexes); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// Without statistics Postgres takes a table that was just filled for a small one,
// and an import of a thousand users made every GET /auth/me read all accounts.
func TestHotQueriesScanNothingBeforeThereAreStatistics(t *testing.T) {
	t.Parallel()
	onPostgres(t, func(t *testing.T) {
		s := storetest.Open(t, store.Postgres, nil)
		fill(t, s)
		for name := range hotQueries {
			if err := carried(t.Context(), s, statement(t, name), nil); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestAHotQueryWithoutItsIndexIsNoticed(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, func(t *testing.T, engine store.Engine) {
		s := storetest.Open(t, engine, nil)
		fill(t, s)
		analyze(t, s)
		for _, name := range []string{"getLogin", "listEventsOfUser", "claimJobs", "revokeUserSessions", "revokeClientSessions"} {
			exec(t, s, "DROP INDEX "+hotQueries[name][0])
			if err := carried(t.Context(), s, statement(t, name), hotQueries[name]); err == nil {
				t.Errorf("%s is carried without an index", name)
			}
		}
	})
}

// statement is the generated text of a query, as the store sends it.
func statement(t *testing.T, name string) string {
	t.Helper()
	packages, err := parser.ParseDir(token.NewFileSet(), "internal/sqlgen", nil, 0) //nolint:staticcheck // no types are wanted
	if err != nil {
		t.Fatal(err)
	}
	var text string
	ast.Inspect(packages["sqlgen"], func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && spec.Names[0].Name == name {
			text, err = strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		}
		return text == ""
	})
	if text == "" || err != nil {
		t.Fatalf("there is no query %s (%v)", name, err)
	}
	return text
}

// A plan reads a whole table where it says so: SCAN t on SQLite (SCAN t USING
// COVERING INDEX, too), Seq Scan on Postgres, which the store tells to avoid it.
var wholeTable = regexp.MustCompile(`(?m)^SCAN \w+|Seq Scan`)

// Nothing is read there but what the statement itself holds, and of an index of few
// all of them.
var harmless = strings.NewReplacer("SCAN CONSTANT ROW", "", "SCAN ids", "", "SCAN counted", "", "SCAN jobs USING INDEX jobs_failed", "")

// Lists that are paged come in the order of their index: a sort would read, for
// each page, all that there is.
var paged = []string{
	"listUserIDs", "siftUserIDs", "skipUserIDs", "listDisabledUserIDs", "searchUsersByAddress", "searchUsersByClaim", "searchUsersByName",
	"skipAddresses", "skipClaims", "skipUserNames", "listAccounts", "searchAccountsBySlug", "searchAccountsByName", "skipAccountNames",
	"siftAllSessions", "skipAllSessions", "siftSessions", "skipSessions", "listAllInvites", "siftAllInvites", "skipAllInvites", "listInvites",
	"siftInvites", "skipInvites", "listMembers", "listMemberships", "listEvents", "listEventsOfType", "listEventsOfUser", "listEventsOfAccount",
	"listRarerEventsOfUser", "listRarerEventsOfAccount", "siftEventsOfUser", "skipEventsOfUser", "siftEventsOfAccount", "skipEventsOfAccount",
	"listJobs", "listFailedJobs", "listWaitingJobs", "siftDoneJobs", "skipJobs", "listEntries", "listEntriesOfStatus", "listEntriesOfAccount", "siftEntriesOfAccount",
	"skipEntriesOfAccount", "listFeatures", "listClients", "listAPIKeys", "listUsersToDelete",
	"exportUsers", "exportEmails", "exportIdentities", "exportAccounts", "exportMemberships", "exportInvites", "exportFeatures",
	"exportWaitlistEntries", "exportClients",
}

// Postgres, which plans them for their values, is looked at in the large test.
func TestPagedListsComeInTheOrderOfTheirIndex(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.SQLite, nil)
	fill(t, s)
	for _, name := range paged {
		plan, err := explain(t.Context(), s, statement(t, name))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(plan, "TEMP B-TREE") {
			t.Errorf("%s sorts:\n%s", name, plan)
		}
	}
}

// carried says whether a statement's plan uses the indexes and scans nothing.
func carried(ctx context.Context, s *store.Store, text string, indexes []string) error {
	plan, err := explain(ctx, s, text)
	if err != nil {
		return err
	}
	if wholeTable.MatchString(harmless.Replace(plan)) {
		return fmt.Errorf("it scans:\n%s", plan)
	}
	for _, index := range indexes {
		if !strings.Contains(plan, index) {
			return fmt.Errorf("it does not use %s:\n%s", index, plan)
		}
	}
	return nil
}

var parameter = regexp.MustCompile(`\$\d+`)

// explain tells the plan that serves whatever the parameters are.
func explain(ctx context.Context, s *store.Store, text string) (plan string, err error) {
	connection, err := s.DB().Conn(ctx)
	if err != nil {
		return "", err
	}
	defer func() { _ = connection.Close() }()
	parameters := map[string]bool{}
	for _, p := range parameter.FindAllString(text, -1) {
		parameters[p] = true
	}
	nulls := make([]any, len(parameters))
	question := "EXPLAIN QUERY PLAN " + text
	if s.Engine() == store.Postgres {
		for _, setting := range []string{"SET plan_cache_mode = force_generic_plan", "DEALLOCATE ALL", "PREPARE hot AS " + text} {
			if _, err := connection.ExecContext(ctx, setting); err != nil {
				return "", err
			}
		}
		question = "EXPLAIN EXECUTE hot"
		if len(nulls) > 0 {
			question += " (NULL" + strings.Repeat(", NULL", len(nulls)-1) + ")"
		}
		nulls = []any{pgx.QueryExecModeSimpleProtocol}
	}
	rows, err := connection.QueryContext(ctx, question, nulls...)
	if err != nil {
		return "", err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var line string
		columns := []any{&line}
		if s.Engine() == store.SQLite {
			columns = []any{new(int), new(int), new(int), &line}
		}
		if err := rows.Scan(columns...); err != nil {
			return "", err
		}
		plan += line + "\n"
	}
	return plan, rows.Err()
}

// fill makes enough rows that a planner has a choice.
func fill(t *testing.T, s *store.Store) {
	t.Helper()
	for _, text := range []string{
		`INSERT INTO users SELECT 'usr_'||i, CASE WHEN i % 50 = 0 THEN 'disabled' ELSE 'active' END, '', '', '', '{}', '{}', FALSE, '', 1, '', i, i, NULL,
			CASE WHEN i % 50 = 0 THEN CAST(i AS BIGINT) END, 'n'||i FROM numbers`,
		`INSERT INTO emails SELECT 'eml_'||i, 'usr_'||i, 'a'||i||'@example.com', TRUE, TRUE, NULL, i FROM numbers`,
		`INSERT INTO emails SELECT 'eml_c'||i, 'usr_'||i, 'b'||i||'@example.com', FALSE, FALSE, NULL, i FROM numbers WHERE i % 10 = 0`,
		`INSERT INTO accounts SELECT 'acc_'||i, '', 's'||i, i, i, 'n'||i FROM numbers`,
		`INSERT INTO memberships (id, account_id, user_id, role, joined_at) SELECT 'mem_'||i, 'acc_'||(1 + i % 40), 'usr_'||i, 'owner', i FROM numbers`,
		`INSERT INTO identities SELECT 'idn_'||i, 'usr_'||i, 'p', 'i', 's'||i, '', i FROM numbers`,
		`INSERT INTO sessions SELECT 'ses_'||i, 'usr_'||i, 'web', FALSE, 'both', 'long', 'pwd', i, '', 'acc_'||(1 + i % 40), 'owner',
			'a'||i||'@example.com', FALSE, 1, 1, 'k', 'n', '', '', i, i, 9, i, i, NULL, '' FROM numbers`,
		`INSERT INTO events SELECT 'evt_'||i, 't'||(i % 20), i, 'usr_'||(i % 50), 'acc_'||(i % 50), '', '', '', '', '', '', '{}' FROM numbers`,
		`INSERT INTO jobs SELECT 'msg_'||i, 'mail', 'p', i, 0, 0, '', i, i,
			CASE WHEN i % 20 = 0 THEN NULL ELSE CAST(i AS BIGINT) END, CASE WHEN i % 100 = 0 THEN CAST(i AS BIGINT) END, '', CASE WHEN i % 3 = 0 THEN 'd'||i END FROM numbers`,
		`INSERT INTO api_keys SELECT 'key_'||i, 'n', 'd'||i, '', '', i, NULL, NULL, NULL FROM numbers`,
		`INSERT INTO invites SELECT 'inv_'||i, 'acc_'||(1 + i % 40), 'a'||i||'@example.com', 'member', 'mail', '', '', '', '', '', '', i, i, NULL, '', NULL FROM numbers`,
		`INSERT INTO one_time_tokens SELECT 'd'||i, 'p', 'l'||i, 'usr_'||i, 'eml_'||i, 'inv_'||i, 'a'||i||'@example.com', TRUE, '', NULL, NULL,
			'', 0, TRUE, '', '', '', '', '', '', '', i, i, NULL, NULL, '', '' FROM numbers`,
		`INSERT INTO clients SELECT 'cli_'||i, '', 'confidential', '', '', '', '', 0, 0, 0, 0, i, i FROM numbers`,
		`INSERT INTO client_secrets SELECT 'd'||i, 'cli_'||(1 + i / 2), i, CASE WHEN i % 2 = 0 THEN NULL ELSE CAST(i AS BIGINT) END FROM numbers`,
		`INSERT INTO provider_flows SELECT 'd'||i, 'p', 'sign_in', 'd'||i, 'k', 'usr_'||i, '', 'web', '', '', '', '', '', NULL, '', i, i, NULL FROM numbers`,
		`INSERT INTO features SELECT 'f'||i, 'fea_'||i, '', '', FALSE, NULL, i, i FROM numbers`,
		`INSERT INTO waitlist_entries SELECT 'wle_'||i, 'f'||(1 + i % 20), 'acc_'||(1 + i % 40), 'usr_'||i,
			CASE WHEN i % 5 = 0 THEN 'approved' ELSE 'waiting' END, i, NULL FROM numbers`,
		`INSERT INTO idempotency_keys SELECT 'd'||i, 'p', '', 'p', i, i FROM numbers`,
		`INSERT INTO inbox_messages SELECT 'msg_'||i, 'a'||(i % 50)||'@example.com', '', '', '', '[]', '', i FROM numbers`,
	} {
		numbers := "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) SELECT i FROM n) AS numbers"
		if s.Engine() == store.Postgres {
			text = strings.NewReplacer("'k', 'n',", `'k', '\x00',`, "'mail', 'p',", `'mail', '\x00',`,
				"'n', 'd'||i,", "'n', CAST('d'||i AS BYTEA),", "SELECT 'd'||i, 'p',", "SELECT CAST('d'||i AS BYTEA), 'p',",
				"SELECT 'd'||i, 'cli", "SELECT CAST('d'||i AS BYTEA), 'cli",
				"'sign_in', 'd'||i,", "'sign_in', CAST('d'||i AS BYTEA),",
				"THEN 'd'||i END", "THEN CAST('d'||i AS BYTEA) END").Replace(text)
		}
		exec(t, s, strings.Replace(text, "numbers", numbers, 1))
	}
}

// analyze does what Postgres does by itself, later.
func analyze(t *testing.T, s *store.Store) {
	t.Helper()
	if s.Engine() == store.Postgres {
		exec(t, s, "ANALYZE")
	}
}
