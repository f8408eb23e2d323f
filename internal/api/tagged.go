package api

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/danielgtaylor/huma/v2"

	"watchword/internal/web"
)

// NoneMatchHeader is for calls that only ask, and ask again. It is read by
// web.ServeTagged.
type NoneMatchHeader struct {
	IfNoneMatch string `header:"If-None-Match" doc:"The ETag of the answer that the caller has: 304 says that it is still right."`
}

// noteTagged tells of an operation that, called by POST, answers as a GET would.
const noteTagged = "The call changes nothing, and its answer has an ETag. Send it as If-None-Match when you ask the same again: 304 then says " +
	"that nothing has changed. HTTP knows this for GET alone, so keep the answer yourself: no cache does it for you."

// tagged answers with a body that the caller may keep as long as asking again says
// that it is right.
func tagged(ctx context.Context, body any) *linkAnswer {
	r, w := requestOf(ctx), writerOf(ctx)
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // & stands in addresses, which people copy
	if err := encoder.Encode(body); err != nil {
		panic(err) // shapes of ours: cannot fail
	}
	return answered(func() { web.ServeTagged(w, r, text.Bytes()) })
}

// describeTagged tells of both answers.
func (a *API) describeTagged(path, done string, schema *huma.Schema) {
	responses := a.huma.OpenAPI().Paths[path].Post.Responses
	responses["200"] = success(done, schema)
	responses["304"] = success("What the caller has is still right.", nil)
	tag := &huma.Header{Description: "Of the body.", Required: true, Schema: someText()}
	responses["200"].Headers["ETag"], responses["304"].Headers["ETag"] = tag, tag
}
