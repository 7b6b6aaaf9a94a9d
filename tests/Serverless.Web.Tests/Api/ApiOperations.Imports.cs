using Microsoft.AspNetCore.Mvc.ModelBinding;
using Serverless.Web.Endpoints.Api;

namespace Serverless.Web.Tests.Api;

// What can be asked of imports.
internal static partial class ApiOperations
{
    private static ApiOperation[] Imports() =>
    [
        new("GET", "imports", "listImports", "The imports that the caller has asked for, the newest first")
        {
            Description = "With `all`, everybody's; that needs the right `registry:admin:*`. Imports that have ended are kept for 30 days.",
            Parameters =
            [
                new("n", typeof(uint), "Imports in the page, at most; 100 without, and never more."),
                new("cursor", typeof(string), "The cursor of the page before."),
                new("all", typeof(string), "Everybody's imports; the value says nothing."),
            ],
            Answers = [new(200, typeof(ImportListDocument), "A page of imports."), new(400, typeof(ProblemDetails), "The page cannot be read.")],
        },
        new("POST", "imports", "addImport", "Asks for images of another registry")
        {
            Description = "Needs push on the target. It begins soon, and goes on after a failure or a restart. The same request, as long as it has not ended, is answered with the same import.",
            Body = typeof(ImportOrder),
            Answers =
            [
                new(202, typeof(ImportDocument), "The import. `Location` is where its state is."),
                new(400, typeof(ProblemDetails), "The request cannot be read, or the source may not be asked."),
                new(409, typeof(ProblemDetails), "Another import from there to there has not ended, and asks for something else."),
                new(413, typeof(ProblemDetails), "The body has more than 16 KiB."),
                new(415, typeof(ProblemDetails), "The body is not application/json."),
                new(429, typeof(ProblemDetails), "Too many imports have not ended."),
            ],
        },
        new("GET", "imports/{id}", "getImport", "How an import stands")
        {
            Description = "For who asked for it, for those who may pull from its target, and for `registry:admin:*`. With `Prefer: wait=N` the answer comes when it has ended, or after N seconds, at most 100.",
            Parameters = [Id, new("Prefer", typeof(string), "wait=N", BindingSource.Header), new("If-None-Match", typeof(string), "The entity tag of an answer.", BindingSource.Header)],
            Answers = [new(200, typeof(ImportDocument), "The import."), new(304, null, "It stands as it did."), new(404, typeof(ProblemDetails), "There is no such import, or none that the caller may see.")],
        },
        new("DELETE", "imports/{id}", "cancelImport", "Ends an import")
        {
            Description = "For who asked for it, for those who may push to its target, and for `registry:admin:*`. What has been imported stays. What is being written at that moment may still come.",
            Parameters = [Id],
            Answers =
            [
                new(200, typeof(ImportDocument), "The import, which is cancelled."),
                new(404, typeof(ProblemDetails), "There is no such import, or none that the caller may see."),
                new(409, typeof(ProblemDetails), "It has ended otherwise."),
            ],
        },
    ];
}
