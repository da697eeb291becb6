package main

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"time"

	"github.com/joho/godotenv"
	"github.com/kelseyhightower/envconfig"

	"parley/conversation"
	"parley/store"
)

// Config is everything that Parley reads from the environment. The tags are the names that users depend on; desc is what
// `parley serve --help` prints; secret marks values that may also be given as NAME_FILE and are never printed.
type Config struct {
	DatabaseURL      string `envconfig:"DATABASE_URL" secret:"true" desc:"Postgres 14 or newer; empty: a private Postgres under DATA_DIR"`
	DatabaseMaxConns int    `envconfig:"DATABASE_MAX_CONNS" default:"0" desc:"size of the connection pool, beside which a process holds three connections; 0: from MAX_CONCURRENT_TURNS"`
	DataDir          string `envconfig:"DATA_DIR" desc:"private Postgres and caches; empty: $XDG_DATA_HOME/parley, else ~/.local/share/parley, as root /var/lib/parley"`
	HTTPAddr         string `envconfig:"HTTP_ADDR" default:"127.0.0.1:8080" desc:"health, metrics, Slack HTTP endpoints, and the page of the demo"`
	LogLevel         string `envconfig:"LOG_LEVEL" default:"info" desc:"debug, info, warn or error"`
	LogFormat        string `envconfig:"LOG_FORMAT" desc:"text or json; empty: text on a terminal, else json"`

	SlackBotToken      string `envconfig:"SLACK_BOT_TOKEN" secret:"true" desc:"xoxb-…; Slack is on when it is set"`
	SlackAppToken      string `envconfig:"SLACK_APP_TOKEN" secret:"true" desc:"xapp-…: Socket Mode"`
	SlackSigningSecret string `envconfig:"SLACK_SIGNING_SECRET" secret:"true" desc:"HTTP Events API at /slack/events, instead of Socket Mode or beside it"`
	SlackAPIURL        string `envconfig:"SLACK_API_URL" default:"https://slack.com/api/" desc:"where Slack's Web API is"`

	DiscordBotToken string `envconfig:"DISCORD_BOT_TOKEN" secret:"true" desc:"Discord is on when it is set"`
	DiscordAPIURL   string `envconfig:"DISCORD_API_URL" default:"https://discord.com/api/" desc:"where Discord's API is; the version is appended"`

	LLMBaseURL         string   `envconfig:"LLM_BASE_URL" default:"https://api.together.xyz/v1" desc:"any OpenAI-compatible server; offline: the built-in demo model"`
	LLMAPIKey          string   `envconfig:"LLM_API_KEY" secret:"true" desc:"empty: TOGETHER_API_KEY, but only for Together's own hosts; local servers need none"`
	LLMModel           string   `envconfig:"LLM_MODEL" default:"google/gemma-3n-E4B-it" desc:"the model's name at that server"`
	LLMContextTokens   int      `envconfig:"LLM_CONTEXT_TOKENS" default:"0" desc:"the whole window, input and output together; 0: what the server tells, else the model's profile"`
	LLMMaxOutputTokens int      `envconfig:"LLM_MAX_OUTPUT_TOKENS" default:"0" desc:"most tokens of one answer; 0: from the model's profile"`
	LLMInputPrice      *float64 `envconfig:"LLM_INPUT_PRICE" desc:"US dollars per million tokens read; empty: what the server tells, else the model's profile"`
	LLMOutputPrice     *float64 `envconfig:"LLM_OUTPUT_PRICE" desc:"US dollars per million tokens written; empty: what the server tells, else the model's profile"`

	LLMVision string `envconfig:"LLM_VISION" default:"auto" desc:"that the model sees pictures: auto (asked of the server, else probed once), on or off"`
	LLMAudio  string `envconfig:"LLM_AUDIO" default:"auto" desc:"that the model hears sound: auto (asked of the server), on or off"`

	LLMFallbackBaseURL string `envconfig:"LLM_FALLBACK_BASE_URL" desc:"another model server, asked while the first fails; empty: none"`
	LLMFallbackAPIKey  string `envconfig:"LLM_FALLBACK_API_KEY" secret:"true" desc:"its key; LLM_API_KEY is never sent there"`
	LLMFallbackModel   string `envconfig:"LLM_FALLBACK_MODEL" desc:"the model's name at that server"`

	VisionBaseURL     string   `envconfig:"VISION_BASE_URL" desc:"where pictures are described when the chat model cannot see; empty: the chat server"`
	VisionAPIKey      string   `envconfig:"VISION_API_KEY" secret:"true" desc:"its key; LLM_API_KEY goes to LLM_BASE_URL only"`
	VisionModel       string   `envconfig:"VISION_MODEL" desc:"the model that describes pictures; empty: none but the chat model"`
	TranscribeBaseURL string   `envconfig:"TRANSCRIBE_BASE_URL" desc:"speech to text when the chat model cannot hear; empty: the chat server"`
	TranscribeAPIKey  string   `envconfig:"TRANSCRIBE_API_KEY" secret:"true" desc:"its key; LLM_API_KEY goes to LLM_BASE_URL only"`
	TranscribeModel   string   `envconfig:"TRANSCRIBE_MODEL" default:"openai/whisper-large-v3" desc:"the model that writes speech down"`
	TranscribePrice   *float64 `envconfig:"TRANSCRIBE_PRICE" desc:"US dollars per minute of sound that is written down; empty: 0.0015 for openai/whisper-large-v3 on Together, else 0"`

	MaxConcurrentTurns      int           `envconfig:"MAX_CONCURRENT_TURNS" default:"16" desc:"turns at a time in this process"`
	MaxConcurrentModelCalls int           `envconfig:"MAX_CONCURRENT_MODEL_CALLS" default:"8" desc:"model requests at a time in this process"`
	TurnTimeout             time.Duration `envconfig:"TURN_TIMEOUT" default:"5m" desc:"how long one answer may take in all"`
	DrainTimeout            time.Duration `envconfig:"DRAIN_TIMEOUT" default:"25s" desc:"how long running turns may go on after SIGTERM"`

	FollowUps             string   `envconfig:"FOLLOW_UPS" default:"thread" desc:"answer without a mention: never, thread (in threads it was mentioned in, unless someone else is addressed), always"`
	SystemPrompt          string   `envconfig:"SYSTEM_PROMPT" file:"true" desc:"persona; also as SYSTEM_PROMPT_FILE; empty: built in"`
	AllowWorkspaces       []string `envconfig:"ALLOW_WORKSPACES" desc:"comma-separated ids of Slack teams and Discord guilds (@me: Discord direct messages); empty allows all"`
	AllowChannels         []string `envconfig:"ALLOW_CHANNELS" desc:"comma-separated ids of channels; empty allows all; direct messages are not concerned"`
	DenyUsers             []string `envconfig:"DENY_USERS" desc:"comma-separated ids of people who get no answer; a deny always wins"`
	BudgetDailyUSD        float64  `envconfig:"BUDGET_DAILY_USD" default:"0" desc:"US dollars that answers may cost in a day of UTC, all replicas together; 0: no limit"`
	BudgetUserDailyTokens int      `envconfig:"BUDGET_USER_DAILY_TOKENS" default:"0" desc:"tokens, read and written, of one person in a day of UTC; 0: no limit"`
	SummaryAskUSD         float64  `envconfig:"SUMMARY_ASK_USD" default:"0.25" desc:"a summary that may cost more is made only when the person says so once more; 0: never asked"`
	UserTurnsPerMinute    int      `envconfig:"USER_TURNS_PER_MINUTE" default:"20" desc:"questions of one person that are answered within a minute; 0: no limit"`
	CatchUpMaxAge         period   `envconfig:"CATCH_UP_MAX_AGE" default:"6h" desc:"messages that were missed in an absence and are older get no answer, which is said once; 0: no limit"`

	Retention period `envconfig:"RETENTION" default:"90d" desc:"messages, and what was made of them, are deleted when they are older than this; 0: kept for ever"`
}

// offline is the LLM_BASE_URL of the built-in demo model.
const offline = "offline"

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// Faults is bad configuration: one sentence a variable, each naming it.
type Faults []string

// Error implements error.
func (f Faults) Error() string { return strings.Join(f, "\n") }

// loadConfig reads the environment and the files given with --env-file; what is set in the environment wins. All faults
// are found at once.
func loadConfig(envFiles []string) (Config, error) {
	var faults Faults
	for _, file := range envFiles {
		faults = append(faults, loadEnvFile(file)...)
	}
	var c Config
	faults = append(faults, c.read()...)
	faults = append(faults, c.files()...)
	if len(faults) == 0 {
		c.derive()
	}
	faults = append(faults, c.check()...)
	if len(faults) > 0 {
		return c, faults
	}
	return c, nil
}

// loadEnvFile sets the variables of a file that are not set. What the parser says of a bad file quotes it, and so may hold
// a secret: it is not told.
func loadEnvFile(file string) (faults Faults) {
	variables, err := godotenv.Read(file)
	var path *os.PathError
	switch {
	case errors.As(err, &path):
		return Faults{fmt.Sprintf("--env-file %s: cannot be read: %v", file, path.Err)}
	case err != nil:
		return Faults{fmt.Sprintf("--env-file %s: is no list of NAME=value lines; look for a quote that is not closed", file)}
	}
	for name, value := range variables {
		if !variableName.MatchString(name) {
			faults = append(faults, fmt.Sprintf("--env-file %s: %q is no variable's name", file, name))
			continue
		}
		if _, set := os.LookupEnv(name); !set {
			if err := os.Setenv(name, value); err != nil {
				faults = append(faults, fmt.Sprintf("--env-file %s: %s cannot be set", file, name))
			}
		}
	}
	return faults
}

// read parses the variables. envconfig stops at the first that it cannot parse; that one is noted, set aside and the
// rest read, so that all are told.
func (c *Config) read() (faults Faults) {
	// A variable that is set to nothing, as compose files do, is not set.
	t := reflect.TypeFor[Config]()
	for i := range t.NumField() {
		if name := t.Field(i).Tag.Get("envconfig"); os.Getenv(name) == "" {
			_ = os.Unsetenv(name)
		}
	}
	var aside []string
	defer func() {
		for _, pair := range aside {
			name, value, _ := strings.Cut(pair, "=")
			_ = os.Setenv(name, value)
		}
	}()
	for {
		err := envconfig.Process("", c)
		var bad *envconfig.ParseError
		if !errors.As(err, &bad) {
			if err != nil {
				faults = append(faults, err.Error())
			}
			return faults
		}
		faults = append(faults, fmt.Sprintf("%s: is no %s", bad.KeyName, kindName(bad.TypeName)))
		aside = append(aside, bad.KeyName+"="+os.Getenv(bad.KeyName))
		if os.Unsetenv(bad.KeyName) != nil {
			return faults
		}
	}
}

func kindName(goType string) string {
	switch goType {
	case "int":
		return "whole number"
	case "float64":
		return "number"
	case "time.Duration":
		return "duration such as 90s or 5m"
	case "main.period", "period":
		return "length of time such as 6h or 90d"
	}
	return goType
}

// files reads NAME_FILE for every variable that may come from a file.
func (c *Config) files() (faults Faults) {
	v := reflect.ValueOf(c).Elem()
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if field.Tag.Get("secret") == "" && field.Tag.Get("file") == "" {
			continue
		}
		name := field.Tag.Get("envconfig")
		file := os.Getenv(name + "_FILE")
		if file == "" {
			continue
		}
		if v.Field(i).String() != "" {
			faults = append(faults, fmt.Sprintf("%s_FILE: %s is set as well; set only one of them", name, name))
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			faults = append(faults, fmt.Sprintf("%s_FILE: cannot be read: %v", name, reason(err)))
			continue
		}
		v.Field(i).SetString(strings.TrimSpace(string(text)))
	}
	return faults
}

// derive fills in what follows from other settings.
func (c *Config) derive() {
	if c.DataDir == "" {
		c.DataDir = defaultDataDir()
	}
	if c.LLMAPIKey == "" {
		if c.atTogether() {
			c.LLMAPIKey = os.Getenv("TOGETHER_API_KEY")
		}
	}
	if c.LogFormat == "" {
		c.LogFormat = "json"
		if info, err := os.Stderr.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			c.LogFormat = "text"
		}
	}
}

// atTogether reports whether the model server is Together's, by its own host names.
func (c *Config) atTogether() bool {
	u, err := url.Parse(c.LLMBaseURL)
	return err == nil && (u.Hostname() == "api.together.xyz" || u.Hostname() == "api.together.ai")
}

// noKey says what is missing where the model server is sure to refuse every question; empty when nothing is.
func (c *Config) noKey() string {
	if c.LLMAPIKey == "" && c.atTogether() {
		return "TOGETHER_API_KEY is not set, and Together answers nobody without a key; set it, or LLM_BASE_URL to another model server"
	}
	return ""
}

func defaultDataDir() string {
	if os.Geteuid() == 0 {
		return "/var/lib/parley"
	}
	if dir := os.Getenv("XDG_DATA_HOME"); dir != "" {
		return filepath.Join(dir, "parley")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "parley-data"
	}
	return filepath.Join(home, ".local", "share", "parley")
}

// on are the platforms that are set up: this process works on their turns.
func (c *Config) on() []conversation.Platform {
	var on []conversation.Platform
	if c.SlackBotToken != "" {
		on = append(on, conversation.Slack)
	}
	if c.DiscordBotToken != "" {
		on = append(on, conversation.Discord)
	}
	return on
}

// policy is who gets an answer.
func (c *Config) policy() conversation.Policy {
	return conversation.Policy{
		FollowUps: conversation.FollowUps(c.FollowUps), AllowWorkspaces: c.AllowWorkspaces, AllowChannels: c.AllowChannels,
		DenyUsers: c.DenyUsers, TurnsPerMinute: c.UserTurnsPerMinute, CatchUpMaxAge: time.Duration(c.CatchUpMaxAge),
	}
}

// budget is what answers may use in a day.
func (c *Config) budget() store.Budget {
	return store.Budget{DailyUSD: c.BudgetDailyUSD, UserDailyTokens: c.BudgetUserDailyTokens}
}

// budgetOf is what the engine asks before it asks the model; nil where no limit is set.
func (c *Config) budgetOf(st *store.Store) conversation.Budget {
	if !c.budget().Set() {
		return nil
	}
	return st
}

// reason drops the path from an error of the file system: the variable names it already.
func reason(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
