using Serverless.Registry.Access;
using Serverless.Registry.Accounts;
using Serverless.Registry.Oci;
using Serverless.Web.Auth;
using Serverless.Web.Auth.Passwords;
using Serverless.Web.Http;
using Serverless.Web.Routing;

namespace Serverless.Web.Endpoints.Api;

/// <summary><c>/api/v1/accounts</c>, for those who look after the registry.</summary>
internal sealed class AccountEndpoints(AccountStore accounts, AdminLog log, Locations locations, TimeProvider time) : IEndpoints
{
    private const int MaxInPage = 100;

    public Endpoint? Find(RegistryRoute route, string method) => (route, method) switch
    {
        (RegistryRoute.Accounts, "GET") => (http, _) => ListAsync(http),
        (RegistryRoute.Accounts, "POST") => AddAsync,
        (RegistryRoute.Account r, "GET") => (http, _) => ShowAsync(http, r.Id),
        (RegistryRoute.Account r, "PATCH") => (http, caller) => ChangeAsync(http, caller, r.Id),
        (RegistryRoute.Account r, "DELETE") => (http, caller) => DeleteAsync(http, caller, r.Id),
        (RegistryRoute.AccountPassword r, "POST") => (http, caller) => RotateAsync(http, caller, r.Id),
        _ => null,
    };

    private async Task ListAsync(HttpContext http)
    {
        var page = ApiPage.Read(http.Request, MaxInPage);
        AccountName? last = page.Cursor is null ? null : AccountName.TryParse(page.Cursor, null, out var name) ? name : throw ApiPage.ForeignCursor();
        var (found, more) = await accounts.ListPageAsync(page.Count, last, http.RequestAborted);
        var now = time.GetUtcNow();
        var document = new AccountListDocument { Accounts = [.. found.Select(a => AccountDocument.Of(a, now))], Cursor = more ? found[^1].Name.ToString() : null };
        await ApiBody.WriteAsync(http, document, ApiJson.Default.AccountListDocument, hasTag: true);
    }

    private async Task AddAsync(HttpContext http, Caller caller)
    {
        var (account, password) = AccountOrders.Read(await ApiBody.ReadAsync(http, ApiJson.Default.AccountOrder), time.GetUtcNow());
        if (await accounts.FindAsync(account.Name, http.RequestAborted) is not null) throw new RegistryException(ApiErrors.AccountExists);
        await NoteAsync(http, caller, "account.add", account.Name, $"{(account.IsRobot ? "robot" : "user")} with {Describe(account.Scopes)}");
        if (!await accounts.TryAddAsync(account, http.RequestAborted)) throw new RegistryException(ApiErrors.AccountExists);
        http.Response.StatusCode = StatusCodes.Status201Created;
        http.Response.Headers.Location = locations.Account(account.Name);
        await WriteAsync(http, account, password);
    }

    private async Task ShowAsync(HttpContext http, string name) =>
        await ApiBody.WriteAsync(http, AccountDocument.Of(await GetAsync(http, name), time.GetUtcNow()), ApiJson.Default.AccountDocument, hasTag: true);

    private async Task ChangeAsync(HttpContext http, Caller caller, string name)
    {
        var change = await ApiBody.ReadAsync(http, ApiJson.Default.AccountChange);
        var account = await GetAsync(http, name);
        var apply = AccountOrders.Read(change, account);
        if (change.Disabled == true) DemandAnother(account, caller);
        await NoteAsync(http, caller, "account.change", account.Name, Describe(change));
        await WriteAsync(http, await accounts.ChangeAsync(account.Name, apply, http.RequestAborted) ?? throw new RegistryException(ApiErrors.AccountUnknown), null);
    }

    private async Task DeleteAsync(HttpContext http, Caller caller, string name)
    {
        var account = await GetAsync(http, name);
        DemandAnother(account, caller);
        await NoteAsync(http, caller, "account.delete", account.Name, null);
        // Whether this request deletes it or another one did meanwhile: it is gone.
        await accounts.DeleteAsync(account.Name, http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task RotateAsync(HttpContext http, Caller caller, string name)
    {
        var account = await GetAsync(http, name);
        if (!account.IsRobot) throw ApiBody.Invalid("only a robot's passwords are made for it");
        await NoteAsync(http, caller, "account.password", account.Name, null);
        var rotation = new RobotRotation();
        if (await accounts.ChangeAsync(account.Name, rotation.Apply, http.RequestAborted) is null) throw new RegistryException(ApiErrors.AccountUnknown);
        await ApiBody.WriteAsync(http, new NewPasswordDocument(rotation.Password), ApiJson.Default.NewPasswordDocument);
    }

    private async Task<Account> GetAsync(HttpContext http, string name) =>
        AccountName.TryParse(name, null, out var parsed) && await accounts.FindAsync(parsed, http.RequestAborted) is { } account ? account : throw new RegistryException(ApiErrors.AccountUnknown);

    private Task WriteAsync(HttpContext http, Account account, string? password) =>
        ApiBody.WriteAsync(http, AccountDocument.Of(account, time.GetUtcNow()) with { Password = password }, ApiJson.Default.AccountDocument);

    private Task NoteAsync(HttpContext http, Caller caller, string action, AccountName target, string? detail) => log.NoteAsync(caller.Name, action, target.ToString(), detail, http.RequestAborted);

    private static void DemandAnother(Account account, Caller caller)
    {
        if (caller.Name == account.Name.ToString()) throw new RegistryException(ApiErrors.OwnAccount);
    }

    private static string Describe(AccountChange change)
    {
        List<string> parts = [];
        if (change.Disabled is { } disabled) parts.Add(disabled ? "disabled" : "enabled");
        if (change.ScopeMaps is { } maps) parts.Add(Describe(maps));
        if (change.Password is not null) parts.Add("another password");
        return string.Join(", ", parts);
    }

    private static string Describe(IReadOnlyList<string> maps) => maps.Count == 0 ? "no scope maps" : "the scope maps " + string.Join(' ', maps);
}
