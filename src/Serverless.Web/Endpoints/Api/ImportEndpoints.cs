using System.Globalization;
using Serverless.Registry.Access;
using Serverless.Registry.Copying;
using Serverless.Registry.Imports;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Web.Auth;
using Serverless.Web.Http;
using Serverless.Web.Imports;
using Serverless.Web.Routing;

namespace Serverless.Web.Endpoints.Api;

/// <summary>
/// <c>/api/v1/imports</c>. Whoever may push to a target may import into it. An import is seen by who asked for it, by those who may pull from its target, and by those who look after the
/// registry; to everybody else it is as if there were none.
/// </summary>
internal sealed class ImportEndpoints(AccessGate gate, ImportDesk desk, Locations locations) : IEndpoints
{
    private const int MaxInPage = 100;
    private const RepositoryActions Importing = RepositoryActions.Pull | RepositoryActions.Push;

    // An answer begins sooner than the Functions host ends a request.
    private const int MaxWaitSeconds = 100;

    public Endpoint? Find(RegistryRoute route, string method) => (route, method) switch
    {
        (RegistryRoute.Imports, "POST") => AddAsync,
        (RegistryRoute.Imports, "GET") => ListAsync,
        (RegistryRoute.Import r, "GET") => (http, caller) => ShowAsync(http, caller, r.Id),
        (RegistryRoute.Import r, "DELETE") => (http, caller) => CancelAsync(http, caller, r.Id),
        _ => null,
    };

    private async Task AddAsync(HttpContext http, Caller caller)
    {
        var order = await ApiBody.ReadAsync(http, ApiJson.Default.ImportOrder);
        var request = ImportOrders.Read(order);
        await gate.DemandAsync(http, new RequiredAccess(request.Target, Importing), caller);
        try
        {
            var (import, _) = await desk.AddAsync(request, order.Credentials, caller.Name, http.RequestAborted);
            if (!import.Request.IsSame(request)) throw new RegistryException(ApiErrors.ImportExists, $"the import {import.Id} from there to there asks for something else, and has not ended");
            http.Response.StatusCode = StatusCodes.Status202Accepted;
            http.Response.Headers.Location = locations.Import(import.Id);
            await ApiBody.WriteAsync(http, ImportDocument.Of(import), ApiJson.Default.ImportDocument);
        }
        catch (ImageSourceException e)
        {
            throw ApiBody.Invalid(e.Message, e);
        }
    }

    private async Task ListAsync(HttpContext http, Caller caller)
    {
        var isForAll = http.Request.Query.ContainsKey(RequiredAccess.AllParameter);
        var asked = ApiPage.Read(http.Request, MaxInPage);
        if (asked.Cursor is { } cursor && !TableKeys.IsImportId(cursor)) throw ApiPage.ForeignCursor();
        var page = await desk.ListPageAsync(asked.Count, asked.Cursor, import => isForAll || (import.Owner == caller.Name && MaySee(caller, import)), http.RequestAborted);
        await ApiBody.WriteAsync(http, new ImportListDocument { Imports = [.. page.Imports.Select(ImportDocument.Of)], Cursor = page.Cursor }, ApiJson.Default.ImportListDocument);
    }

    private async Task ShowAsync(HttpContext http, Caller caller, string id)
    {
        var import = await FindAsync(http, caller, id);
        if (ReadWait(http.Request) is { } seconds)
        {
            http.Response.Headers["Preference-Applied"] = string.Create(CultureInfo.InvariantCulture, $"wait={seconds}");
            import = await desk.WaitAsync(import, TimeSpan.FromSeconds(seconds), http.RequestAborted);
        }

        await ApiBody.WriteAsync(http, ImportDocument.Of(import), ApiJson.Default.ImportDocument, hasTag: true);
    }

    private async Task CancelAsync(HttpContext http, Caller caller, string id)
    {
        var import = await FindAsync(http, caller, id);
        if (!IsOwner(caller, import) && !caller.Rights.Admin) await gate.DemandAsync(http, new RequiredAccess(import.Request.Target, Importing), caller);
        var cancelled = await desk.CancelAsync(id, http.RequestAborted) ?? throw new RegistryException(ApiErrors.ImportUnknown);
        if (cancelled.State != ImportState.Cancelled) throw new RegistryException(ApiErrors.ImportEnded);
        await ApiBody.WriteAsync(http, ImportDocument.Of(cancelled), ApiJson.Default.ImportDocument);
    }

    private async Task<Import> FindAsync(HttpContext http, Caller caller, string id) =>
        await desk.FindAsync(id, http.RequestAborted) is { } import && MaySee(caller, import) ? import : throw new RegistryException(ApiErrors.ImportUnknown);

    private static bool MaySee(Caller caller, Import import) =>
        IsOwner(caller, import) || caller.Rights.Admin || caller.Rights.On(import.Request.Target).HasFlag(RepositoryActions.Pull);

    private static bool IsOwner(Caller caller, Import import) => caller.Name is { } name && name == import.Owner;

    // RFC 7240, section 4.3.
    private static int? ReadWait(HttpRequest request) => request.Headers["Prefer"].ToString().Split(',', StringSplitOptions.TrimEntries)
        .Select(p => p.StartsWith("wait=", StringComparison.OrdinalIgnoreCase) && int.TryParse(p.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? Math.Min(seconds, MaxWaitSeconds) : (int?)null)
        .FirstOrDefault(s => s is not null);
}
