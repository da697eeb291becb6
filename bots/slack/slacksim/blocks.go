package slacksim

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// Limits of blocks: docs.slack.dev/reference/block-kit/blocks; the sum of all text was observed.
const (
	maxBlocks        = 50
	maxSectionText   = 3_000
	maxHeaderText    = 150
	maxMarkdownTotal = 12_000
	maxBlocksText    = 13_200
	maxContextItems  = 10
)

// checkBlocks validates blocks and returns them with a block_id each.
func checkBlocks(raw string) (json.RawMessage, error) {
	list, ok := decode[[]map[string]json.RawMessage](raw)
	if !ok {
		return nil, apiError{code: "invalid_blocks_format"}
	}
	if len(list) == 0 {
		return nil, nil
	}
	if len(list) > maxBlocks {
		return nil, invalidBlocks("no more than 50 items allowed", "/blocks")
	}
	var total, markdown int
	for i, fields := range list {
		at := fmt.Sprintf("/blocks/%d", i)
		b, ok := decode[block](string(mustJSON(fields)))
		if !ok {
			return nil, invalidBlocks("failed to match all allowed schemas", at)
		}
		length, err := checkBlock(b, at)
		if err != nil {
			return nil, err
		}
		total += length
		if b.Type == "markdown" {
			markdown += length
		}
		if fields["block_id"] == nil {
			fields["block_id"] = mustJSON("b" + randomText(4))
		}
	}
	switch {
	case markdown > maxMarkdownTotal:
		return nil, invalidBlocks("markdown text must be less than 12001 characters in a message", "/blocks")
	case total > maxBlocksText:
		return nil, apiError{code: "msg_blocks_too_long"}
	}
	return mustJSON(list), nil
}

// checkBlock returns how many characters of text a block holds.
func checkBlock(b block, at string) (int, error) {
	length := utf8.RuneCountInString(literalText(b.Text))
	switch b.Type {
	case "section":
		for _, field := range b.Fields {
			length += utf8.RuneCountInString(literalText(field))
		}
		if len(b.Text) == 0 && len(b.Fields) == 0 {
			return 0, invalidBlocks("missing required field: text", at)
		}
		return length, atMost(length, maxSectionText, at)
	case "header":
		if length == 0 {
			return 0, invalidBlocks("must be more than 0 characters", at+"/text")
		}
		return length, atMost(length, maxHeaderText, at)
	case "markdown":
		if length == 0 {
			return 0, invalidBlocks("must be more than 0 characters", at+"/text")
		}
		return length, nil
	case "context":
		if len(b.Elements) == 0 || len(b.Elements) > maxContextItems {
			return 0, invalidBlocks("between 1 and 10 items are allowed", at+"/elements")
		}
		return length + elementsText(b.Elements), nil
	case "actions":
		return elementsText(b.Elements), checkActions(b, at)
	case "rich_text", "table", "context_actions":
		return elementsText(b.Elements), nil
	case "divider", "image", "file", "video", "input", "plan", "task_card", "data_table":
		return length, nil
	case "alert", "card", "carousel":
		return 0, invalidBlocks(fmt.Sprintf("unsupported type: %s", b.Type), at)
	default:
		return 0, invalidBlocks(fmt.Sprintf("unsupported type: %s", b.Type), at)
	}
}

func elementsText(elements []block) int {
	sum := 0
	for _, e := range elements {
		sum += utf8.RuneCountInString(literalText(e.Text)) + elementsText(e.Elements)
	}
	return sum
}

func atMost(length, most int, at string) error {
	if length > most {
		return invalidBlocks(fmt.Sprintf("must be less than %d characters", most+1), at+"/text")
	}
	return nil
}

func invalidBlocks(reason, at string) error {
	return apiError{code: "invalid_blocks", messages: []string{fmt.Sprintf("[ERROR] %s [json-pointer:%s]", reason, at)}}
}
