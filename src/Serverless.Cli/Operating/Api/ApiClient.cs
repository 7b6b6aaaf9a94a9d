using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Serverless.Registry.Copying;
using Serverless.Web.Remotes;

namespace Serverless.Cli.Operating.Api;

/// <summary>Asks the API for operators, and says in one line why something is refused.</summary>
/// <param name="api">The API.</param>
/// <param name="account">Who asks; null: nobody in particular.</param>
internal sealed class ApiClient(RemoteApi api, string? account)
{
    /// <summary>The code of the registry protocol for a repository that there is not.</summary>
    public const string NameUnknown = "NAME_UNKNOWN";

    /// <summary>That of a tag or manifest that there is not.</summary>
    public const string ManifestUnknown = "MANIFEST_UNKNOWN";

    /// <summary>Gets a document.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="right">The right that it needs.</param>
    /// <param name="type">What it is.</param>
    /// <param name="absent">Codes of refusals that mean that there is none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The document; null when there is none.</returns>
    /// <exception cref="CliException">It was refused, or nobody answers.</exception>
    public async Task<T?> FindAsync<T>(string path, ApiRight right, JsonTypeInfo<T> type, IReadOnlyCollection<string> absent, CancellationToken cancellationToken)
        where T : class =>
        Read(await AskAsync(() => api.GetAsync(path, right.Scope, cancellationToken), right, absent), type);

    /// <summary>Has something done.</summary>
    /// <returns>False when the registry refused it with one of those codes.</returns>
    /// <exception cref="CliException">It was refused otherwise, or nobody answers.</exception>
    public async Task<bool> SendAsync(HttpMethod method, string path, ApiRight right, IReadOnlyCollection<string> absent, CancellationToken cancellationToken) =>
        await AskAsync(() => api.SendAsync(method, path, right.Scope, null, cancellationToken), right, absent) is not null;

    /// <summary>Has something done, and reads what comes of it.</summary>
    /// <returns>The answer; null when the registry refused it with one of those codes.</returns>
    /// <exception cref="CliException">It was refused otherwise, or nobody answers.</exception>
    public async Task<T?> SendAsync<T>(ApiOrder order, ApiRight right, JsonTypeInfo<T> type, IReadOnlyCollection<string> absent, CancellationToken cancellationToken)
        where T : class =>
        Read(await AskAsync(() => api.SendAsync(order.Method, order.Path, right.Scope, order.Body, cancellationToken), right, absent), type);

    /// <summary>The pages of a list, each fetched when the one before has been used; none when the first is refused with one of those codes.</summary>
    /// <exception cref="CliException">It was refused otherwise, or nobody answers.</exception>
    public async IAsyncEnumerable<T> ListAsync<T>(string path, ApiRight right, JsonTypeInfo<T> type, IReadOnlyCollection<string> absent, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class, IApiPage
    {
        string? cursor = null;
        while (true)
        {
            var page = await FindAsync(cursor is null ? path : $"{path}?cursor={Uri.EscapeDataString(cursor)}", right, type, cursor is null ? absent : [], cancellationToken);
            if (page is null) yield break;
            yield return page;
            if (page.Cursor is null) yield break;
            if (page.Cursor == cursor) throw new CliException($"{api.Authority} gives a list at {path} that has no end.");
            cursor = page.Cursor;
        }
    }

    private async Task<RemoteApiAnswer?> AskAsync(Func<Task<RemoteApiAnswer>> ask, ApiRight right, IReadOnlyCollection<string> absent)
    {
        RemoteApiAnswer answer;
        try
        {
            answer = await ask();
        }
        catch (ImageSourceException e) when (e.IsRefusal)
        {
            throw account is null ? NotAllowed(right) : new CliException($"{api.Authority} does not let {account} sign in: the name or the password is wrong, or the account is locked out.");
        }
        catch (ImageSourceException e)
        {
            throw new CliException(e.Message);
        }

        if ((int)answer.Status is >= 200 and < 300) return answer;
        if (answer.Code is { } code && absent.Contains(code)) return null;
        throw answer switch
        {
            { Status: HttpStatusCode.Unauthorized } or { Status: HttpStatusCode.Forbidden, Code: "DENIED", Problem: null or "" } => NotAllowed(right),
            { Status: HttpStatusCode.Forbidden } => new CliException($"{NotAllowed(right).Message} It says: {answer.Problem}."),
            { Code: null } => new CliException($"{api.Authority} answered {(int)answer.Status}, not as a registry's API for operators does. Look at --url, and whether the registry has Api:Enabled=false."),
            _ => new CliException($"{api.Authority} refuses that: {answer.Problem}."),
        };
    }

    private CliException NotAllowed(ApiRight right) => new(account is null
        ? $"{api.Authority} lets nobody do that who has not signed in: it needs the right {right.Rule}. Name an account by --as, whose password is in {ApiConnection.PasswordVariable}."
        : $"{api.Authority} does not let {account} do that: it needs the right {right.Rule}, and the right password.");

    private T? Read<T>(RemoteApiAnswer? answer, JsonTypeInfo<T> type)
        where T : class
    {
        if (answer is null) return null;
        try
        {
            return JsonSerializer.Deserialize(answer.Body.Span, type) ?? throw Garbled();
        }
        catch (JsonException)
        {
            throw Garbled();
        }
    }

    private CliException Garbled() => new($"{api.Authority} answered with something else than a registry's API for operators does. Look at --url.");
}

/// <summary>Something to be done.</summary>
/// <param name="Method">How.</param>
/// <param name="Path">Where.</param>
/// <param name="Body">With what; null: nothing.</param>
internal sealed record ApiOrder(HttpMethod Method, string Path, byte[]? Body)
{
    /// <summary>With a document.</summary>
    public static ApiOrder Of<T>(HttpMethod method, string path, T body, JsonTypeInfo<T> type) => new(method, path, JsonSerializer.SerializeToUtf8Bytes(body, type));
}
