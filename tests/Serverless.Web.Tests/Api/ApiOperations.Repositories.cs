using Microsoft.AspNetCore.Mvc.ModelBinding;
using Serverless.Web.Endpoints.Api;

namespace Serverless.Web.Tests.Api;

// What can be asked of repositories, and of what they hold.
internal static partial class ApiOperations
{
    private static ApiOperation[] Repositories() =>
    [
        new("GET", "openapi.json", "getDocument", "This document")
        {
            Description = "For whoever is let in.",
            Answers = [new(200, null, "The document.")],
        },
        new("GET", "repositories", "listRepositories", "The repositories that the caller may see")
        {
            Description = "In ASCII order. A page may be short, even empty, and still have a next one.",
            Parameters =
            [
                new("n", typeof(uint), "Names in the page, at most; `Lists:CatalogPageSize` without, and never more."),
                new("cursor", typeof(string), "The cursor of the page before."),
                new("q", typeof(string), "A text that the names have in them."),
                new("use", typeof(string), "What they hold, too; the value says nothing. It costs a read for each thousand repositories between the first and the last of the page."),
                s_known,
            ],
            Answers = [new(200, typeof(RepositoryListDocument), "A page of names."), s_unchanged, new(400, typeof(ProblemDetails), "The page cannot be read.")],
        },
        new("GET", "repositories/{name}", "getRepository", "A repository")
        {
            Description = "Its tags are counted up to 1,000.",
            Parameters = [Name, s_known],
            Answers = [new(200, typeof(RepositoryDocument), "The repository."), s_unchanged, s_noRepository],
        },
        new("DELETE", "repositories/{name}", "deleteRepository", "Deletes all tags and manifests of a repository")
        {
            Description = "Its blobs are collected after the grace; until then manifests can be restored one by one. One that is cut off is gone on with by the next.",
            Parameters = [Name],
            Answers = [new(204, null, "They are deleted."), s_noRepository],
        },
        new("GET", "repositories/{name}/_tags", "listTags", "The tags of a repository")
        {
            Description = "In ASCII order, with what each points at.",
            Parameters = [Name, new("n", typeof(uint), "Tags in the page, at most; `Lists:TagPageSize` without, and never more."), new("cursor", typeof(string), "The cursor of the page before."), s_known],
            Answers = [new(200, typeof(TagListDocument), "A page of tags."), s_unchanged, new(400, typeof(ProblemDetails), "The page cannot be read."), s_noRepository],
        },
        new("GET", "repositories/{name}/_tags/{tag}", "getTag", "A tag")
        {
            Description = "Its `ETag` is the digest that it points at.",
            Parameters = [Name, Tag],
            Answers = [new(200, typeof(TagDocument), "The tag."), s_noTag],
        },
        new("PUT", "repositories/{name}/_tags/{tag}", "putTag", "Points a tag at a manifest, or back at what it pointed at before")
        {
            Description = "Needs push. A deleted tag goes back to what it pointed at last.",
            Parameters = [Name, Tag, s_condition],
            Body = typeof(TagOrder),
            Answers =
            [
                new(200, typeof(TagDocument), "The tag as it is now."),
                new(400, typeof(ProblemDetails), "The request cannot be read."),
                new(404, typeof(ProblemDetails), "There is no such manifest in the repository."),
                new(409, typeof(ProblemDetails), "The history of the tag holds nothing else that is still there."),
                new(412, typeof(ProblemDetails), "It points at something else."),
                new(415, typeof(ProblemDetails), "The body is not application/json."),
            ],
        },
        new("DELETE", "repositories/{name}/_tags/{tag}", "deleteTag", "Deletes a tag; the manifest stays")
        {
            Description = "It can be restored for a while.",
            Parameters = [Name, Tag, s_condition],
            Answers = [new(204, null, "It is deleted."), s_noTag, new(412, typeof(ProblemDetails), "It points at something else.")],
        },
        new("GET", "repositories/{name}/_tags/{tag}/history", "getTagHistory", "What a tag has pointed at")
        {
            Description = "Also of a tag that was deleted.",
            Parameters = [Name, Tag, s_known],
            Answers = [new(200, typeof(TagHistoryDocument), "The moves."), s_unchanged, s_noTag],
        },
        new("GET", "repositories/{name}/_manifests/{reference}", "getManifest", "A manifest: what it is, its layers or platforms, and what its config says")
        {
            Description = "Needs pull. Texts are what the authors of images have written: whoever shows them must show them as text.",
            Parameters = [Name, new("reference", typeof(string), "A tag or a digest.", BindingSource.Path), s_known],
            Answers = [new(200, typeof(ManifestDocument), "The manifest."), s_unchanged, s_noManifest],
        },
        new("DELETE", "repositories/{name}/_manifests/{reference}", "deleteManifest", "Deletes a manifest and the tags that point at it")
        {
            Description = "It can be restored for a while.",
            Parameters = [Name, new("reference", typeof(string), "A digest.", BindingSource.Path)],
            Answers = [new(204, null, "It is deleted."), new(400, typeof(ProblemDetails), "It is no digest."), s_noManifest],
        },
        new("GET", "repositories/{name}/_manifests/{digest}/referrers", "getReferrers", "What refers to a manifest, and what refers to that")
        {
            Description = "Four levels at most, 100 referrers of each, from 50 lists.",
            Parameters = [Name, new("digest", typeof(string), "The manifest, which need not be there.", BindingSource.Path), s_known],
            Answers = [new(200, typeof(ReferrerTreeDocument), "The tree."), s_unchanged, new(400, typeof(ProblemDetails), "It is no digest.")],
        },
        new("GET", "repositories/{name}/_deleted", "listDeleted", "What was deleted and can be restored")
        {
            Description = "At most 1,000 entries.",
            Parameters = [Name, s_known],
            Answers = [new(200, typeof(DeletedListDocument), "What was deleted within the grace."), s_unchanged],
        },
        new("POST", "repositories/{name}/_deleted/{reference}", "restore", "Restores what was deleted")
        {
            Description = "Needs push. A manifest comes with the tags that went with it, as far as nobody has made them anew.",
            Parameters = [Name, new("reference", typeof(string), "The tag or digest that was deleted.", BindingSource.Path)],
            Answers = [new(200, typeof(RestoredDocument), "What is there again."), new(400, typeof(ProblemDetails), "Blobs that it names are gone."), new(404, typeof(ProblemDetails), "Nothing is remembered of it.")],
        },
        new("GET", "usage", "listUsage", "What namespaces hold, of the repositories that the caller may see")
        {
            Description = "A namespace is what names begin with up to the first slash. Counted by the garbage collector, a day or so after a change; where there is a quota, what was pushed since is in it.",
            Parameters = [new("n", typeof(uint), "Namespaces in the page, at most; 1,000 without, and never more."), new("cursor", typeof(string), "The cursor of the page before."), s_known],
            Answers = [new(200, typeof(UsageDocument), "A page of namespaces."), s_unchanged, new(400, typeof(ProblemDetails), "The page cannot be read.")],
        },
    ];
}
