using Serverless.Registry;
using Serverless.Registry.Accounts;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Web.Auth;
using Serverless.Web.Routing;
using Serverless.Web.Settings;

namespace Serverless.Web.Endpoints.Api;

/// <summary><c>/api/v1/repositories</c> and <c>/api/v1/repositories/NAME</c></summary>
internal sealed class RepositoryEndpoints(ContainerRegistry registry, CallerRepositories repositories, AdminLog log, ListSettings lists) : IEndpoints
{
    // What a search reads of the catalog for a page, in names.
    private const int MaxSearched = 4000;
    private const int MaxCounted = 1000;

    // What a cursor is: the name after which to go on, or a place that the caller may not know by its name.
    private const string AfterName = "n:";
    private const string AtPlace = "p:";

    public Endpoint? Find(RegistryRoute route, string method) => (route, method) switch
    {
        (RegistryRoute.Repositories, "GET") => ListAsync,
        (RegistryRoute.RepositoryInfo r, "GET") => (http, _) => ShowAsync(http, r.Name),
        (RegistryRoute.RepositoryInfo r, "DELETE") => (http, caller) => RemoveAsync(http, caller, r.Name),
        _ => null,
    };

    private async Task ListAsync(HttpContext http, Caller caller)
    {
        var page = ApiPage.Read(http.Request, lists.CatalogPageSize);
        var wanted = http.Request.Query["q"].ToString();
        var (names, cursor) = wanted.Length == 0
            ? await ReadAsync(caller, page.Count, page.Cursor, http.RequestAborted)
            : await SearchAsync(caller, page, wanted, http.RequestAborted);
        var document = new RepositoryListDocument
        {
            Repositories = [.. names.Select(n => n.ToString())],
            Uses = http.Request.Query.ContainsKey("use") ? await ReadUsesAsync(names, http.RequestAborted) : null,
            Cursor = cursor,
        };
        await ApiBody.WriteAsync(http, document, ApiJson.Default.RepositoryListDocument, hasTag: true);
    }

    // One read for each thousand that lie between the first and the last.
    private async Task<IReadOnlyList<RepositoryUseDocument>> ReadUsesAsync(IReadOnlyList<RepositoryName> names, CancellationToken cancellationToken)
    {
        if (names.Count == 0) return [];
        var wanted = names.ToHashSet();
        List<RepositoryUseDocument> uses = [];
        await foreach (var use in registry.Usage.ListAsync(names[0], names[^1], cancellationToken))
        {
            if (wanted.Contains(use.Repository)) uses.Add(RepositoryUseDocument.Of(use));
        }

        return uses;
    }

    private async Task<(IReadOnlyList<RepositoryName> Names, string? Cursor)> SearchAsync(Caller caller, ApiPage page, string wanted, CancellationToken cancellationToken)
    {
        List<RepositoryName> found = [];
        var cursor = page.Cursor;
        for (var searched = 0; searched < MaxSearched;)
        {
            // No more at once than there is room for, so that none that was read is lost.
            var count = Math.Min(lists.CatalogPageSize, Math.Max(page.Count - found.Count, 1) * 16);
            var (names, next) = await ReadAsync(caller, count, cursor, cancellationToken);
            foreach (var name in names)
            {
                if (!name.ToString().Contains(wanted, StringComparison.Ordinal)) continue;
                found.Add(name);
                if (found.Count == page.Count) return (found, AfterName + name);
            }

            if (next is null) return (found, null);
            (cursor, searched) = (next, searched + count);
        }

        return (found, cursor);
    }

    private async Task<(IReadOnlyList<RepositoryName> Names, string? Cursor)> ReadAsync(Caller caller, int count, string? cursor, CancellationToken cancellationToken)
    {
        var last = cursor?.StartsWith(AfterName, StringComparison.Ordinal) == true ? cursor[AfterName.Length..] : null;
        var place = cursor?.StartsWith(AtPlace, StringComparison.Ordinal) == true ? cursor[AtPlace.Length..] : null;
        if (cursor is not null && last is null && place is null) throw ApiPage.ForeignCursor();
        if (!caller.SeesAll || place is not null) return ToPage(await registry.ListPageAsync(count, last, place, caller.CatalogRights, cancellationToken));
        var (names, more) = await registry.ListPageAsync(count, last, cancellationToken);
        return ToPage(new CatalogPage(names, more));
    }

    private static (IReadOnlyList<RepositoryName> Names, string? Cursor) ToPage(CatalogPage page) =>
        (page.Names, page.More ? page.Cursor is { } place ? AtPlace + place : page.Names.Count > 0 ? AfterName + page.Names[^1] : null : null);

    private async Task ShowAsync(HttpContext http, RepositoryName name)
    {
        var repository = registry.GetRepository(name);
        var counted = registry.Usage.FindAsync(name, http.RequestAborted);
        var (tags, more) = await repository.Tags.ListInfoAsync(MaxCounted, null, http.RequestAborted);
        if (tags.Count == 0 && !await registry.ContainsAsync(name, http.RequestAborted)) throw new RegistryException(RegistryError.NameUnknown);
        var document = new RepositoryDocument
        {
            Name = name.ToString(),
            Tags = tags.Count,
            HasMoreTags = more,
            PushedAt = tags.Max(t => t.PushedAt),
            PulledAt = tags.Max(t => t.PulledAt),
            Use = await counted is { } use ? UseDocument.Of(use) : null,
            IsMirror = registry.Options.FindMirror(name) is not null,
        };
        await ApiBody.WriteAsync(http, document, ApiJson.Default.RepositoryDocument, hasTag: true);
    }

    private async Task RemoveAsync(HttpContext http, Caller caller, RepositoryName name)
    {
        if (!await registry.ContainsAsync(name, http.RequestAborted)) throw new RegistryException(RegistryError.NameUnknown);
        await log.NoteAsync(caller.Name, "repository.delete", name.ToString(), null, http.RequestAborted);
        if (await registry.RemoveAsync(name, null, http.RequestAborted, repositories.OriginOf(http, caller)) is null) throw new RegistryException(RegistryError.NameUnknown);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
