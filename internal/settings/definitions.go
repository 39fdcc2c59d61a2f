package settings

import (
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/jetonauth/jeton"
)

// A Definition is one setting.
type Definition struct {
	// Key is its name in jeton.yaml.
	Key string
	// Help says what it means, as a part of a sentence.
	Help string
	// Placeholder stands for the value in --help.
	Placeholder string
	// Default is the value where nobody says another, as it would be written; Otherwise says in words what happens without
	// a value, where there is no default.
	Default, Otherwise string
	// Restart says that a change takes effect at the next start only.
	Restart bool
	// Secret says that it is no flag, and never shown.
	Secret bool

	form form
}

// Flag is the name of its flag, without dashes; empty if it has none, since others can read a command line.
func (d Definition) Flag() string {
	if d.Secret {
		return ""
	}
	return strings.ReplaceAll(d.Key, "_", "-")
}

// Variable is the name of its variable of the environment.
func (d Definition) Variable() string { return variablePrefix + strings.ToUpper(d.Key) }

// List says that it has several values: a list in jeton.yaml, and commas between them elsewhere.
func (d Definition) List() bool { return d.form.list }

// Choices are the values that it may have, if those can be counted.
func (d Definition) Choices() []string { return d.form.choices }

// want is what it may be.
func (d Definition) want() string { return d.form.want }

const variablePrefix = "JETON_"

// definitions is the list. What is wrong with a value is said by its form.
func definitions() []Definition { return slices.Concat(serviceDefinitions(), serverDefinitions()) }

// serviceDefinitions are about accounts, sessions and who is believed.
func serviceDefinitions() []Definition {
	return []Definition{
		{
			Key: "listen", Placeholder: "ADDRESS", Default: "127.0.0.1:8080", Restart: true,
			Help: "address and port to listen on; port 0 takes any free one",
			form: text(func(v *Values) *string { return &v.Listen }, checkAddress),
		},
		{
			Key: "data", Placeholder: "DIRECTORY", Default: "./jeton-data", Restart: true,
			Help: "directory of the database and the master key, made if it is not there",
			form: text(func(v *Values) *string { return &v.Data }, checkPath),
		},
		{
			Key: "database", Placeholder: "URL", Otherwise: "SQLite, in the data directory", Restart: true,
			Help: "database that all nodes share: postgres://…, mongodb://…; or a file of this node's own, sqlite:FILE",
			form: location(func(v *Values) *Location { return &v.Database }, wantDatabase, isDatabase),
		},
		{
			Key: "redis", Placeholder: "URL", Otherwise: "none", Restart: true,
			Help: "Redis that counts limits for all nodes, and tells them of what is revoked: redis://host:6379/0",
			form: location(func(v *Values) *Location { return &v.Redis },
				"redis://host:6379/0, rediss://…, redis+cluster://…, redis+sentinel://… or unix://…", isRedis),
		},
		{
			Key: "issuer", Placeholder: "URL", Otherwise: "the listening address", Restart: true,
			Help: "URL under which clients reach the server; needed unless it listens on a loopback address",
			form: text(func(v *Values) *string { return &v.Issuer }, checkIssuer),
		},
		{
			Key: "access_ttl", Placeholder: "DURATION", Default: "15m",
			Help: "lifetime of access tokens, 1s to 24h",
			form: duration(func(v *Values) *time.Duration { return &v.AccessTTL }, time.Second, 24*time.Hour, "15m"),
		},
		{
			Key: "reuse_interval", Placeholder: "DURATION", Default: "30s",
			Help: "how long an older refresh token is answered with the current one, 0s to 1h; 0s: any reuse ends the session",
			form: duration(func(v *Values) *time.Duration { return &v.ReuseInterval }, 0, time.Hour, "30s"),
		},
		{
			Key: "max_staleness", Placeholder: "DURATION", Default: "10s",
			Help: "how long tokens are accepted while the database cannot be asked what is revoked, 1s to 24h",
			form: duration(func(v *Values) *time.Duration { return &v.MaxStaleness }, time.Second, 24*time.Hour, "10s"),
		},
		{
			Key: "accept_stale", Placeholder: "on|off", Default: "off",
			Help: "dangerous: accept tokens for as long as the database is away, also those that were revoked",
			form: onOff(func(v *Values) *bool { return &v.AcceptStale }),
		},
		{
			Key: "limits", Placeholder: "on|off", Default: "on",
			Help: "limits on how often passwords may be tried",
			form: onOff(func(v *Values) *bool { return &v.Limits }),
		},
		{
			Key: "trusted_proxies", Placeholder: "NETWORKS", Otherwise: "none",
			Help: "networks of proxies whose X-Forwarded-For is believed, such as 10.0.0.0/8",
			form: networks(func(v *Values) *[]netip.Prefix { return &v.TrustedProxies }),
		},
		{
			Key: "cookies", Placeholder: "on|off", Default: "on",
			Help: "whether browsers may keep tokens in cookies; the issuer must be https for that, or insecure_cookies on",
			form: onOff(func(v *Values) *bool { return &v.Cookies }),
		},
		{
			Key: "insecure_cookies", Placeholder: "on|off", Default: "off",
			Help: "cookies over http, on the developer's own machine: only for an issuer that is http on a loopback host",
			form: onOff(func(v *Values) *bool { return &v.InsecureCookies }),
		},
		{
			Key: "trusted_origins", Placeholder: "ORIGINS", Otherwise: "none",
			Help: "origins beside the issuer's whose pages may use the cookies, such as https://app.example.com",
			form: origins(func(v *Values) *[]string { return &v.TrustedOrigins }),
		},
		{
			Key: "verify_load_user", Placeholder: "on|off", Default: "off",
			Help: "whether forward-auth reads the account on each request, for its e-mail address",
			form: onOff(func(v *Values) *bool { return &v.VerifyLoadUser }),
		},
	}
}

// serverDefinitions are about what is around that.
func serverDefinitions() []Definition {
	return []Definition{
		{
			Key: "explorer", Placeholder: "on|off", Default: "on",
			Help: "API explorer at /explorer",
			form: onOff(func(v *Values) *bool { return &v.Explorer }),
		},
		{
			Key: "log_format", Placeholder: "FORMAT", Default: FormatAuto,
			Help: "form of the log: auto is text on a terminal and JSON otherwise; text, json",
			form: choice(func(v *Values) *string { return &v.LogFormat }, FormatAuto, FormatText, FormatJSON),
		},
		{
			Key: "log_level", Placeholder: "LEVEL", Default: "info",
			Help: "least level that is logged: debug, info, warn, error",
			form: level(func(v *Values) *slog.Level { return &v.LogLevel }),
		},
		{
			Key: "master_key", Secret: true, Otherwise: "made and kept in the data directory", Restart: true,
			Help: "what seals the signing keys in the database: hex or base64 of at least 32 random bytes",
			form: secret(func(v *Values) *Secret { return &v.MasterKey }, func(text string) error {
				_, err := jeton.ParseSecret(text)
				return err
			}),
		},
	}
}
