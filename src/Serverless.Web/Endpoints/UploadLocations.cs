using Serverless.Registry;
using Serverless.Registry.Blobs;
using Serverless.Registry.Oci;
using Serverless.Web.Auth;
using Serverless.Web.Http;
using Serverless.Web.Settings;

namespace Serverless.Web.Endpoints;

/// <summary>
/// Where a client is told to go on with its upload. With a server of uploads on a name of its own: clients that follow to another host go there, with a capability, from the
/// answer to their POST on, and are kept there; all others stay here.
/// </summary>
internal sealed class UploadLocations(ContainerRegistry registry, Locations locations, UploadSettings settings, IStanding standing)
{
    /// <summary>Begins an upload where the client is to go on with it.</summary>
    /// <exception cref="RegistryException">DENIED: who signed in may do so no longer.</exception>
    public async Task<(BlobUpload Upload, string Location)> StartAsync(HttpContext http, RepositoryName name, Caller caller)
    {
        var blobs = registry.GetRepository(name).Blobs;
        if (settings.Host is null || !FollowingClients.Include(http.Request))
        {
            var upload = await blobs.StartUploadAsync(http.RequestAborted);
            return (upload, locations.Upload(name, upload));
        }

        await DemandStandingAsync(http, caller);
        // A row from the start: of a finished or cancelled upload the capability must be worth nothing.
        var recorded = await blobs.StartRecordedUploadAsync(http.RequestAborted);
        return (recorded, await WithCapabilityAsync(settings.Host, name, recorded, caller));
    }

    /// <summary>
    /// Must be asked before anything is taken by a request that will be answered by <see cref="OfAsync"/>: an answer that lets somebody go on for another hour is not given to
    /// somebody who could not begin any more.
    /// </summary>
    /// <exception cref="RegistryException">DENIED.</exception>
    public ValueTask DemandAsync(HttpContext http, Caller caller) => settings.ByCapability ? DemandStandingAsync(http, caller) : ValueTask.CompletedTask;

    /// <summary>Where an upload that has come here goes on.</summary>
    public async ValueTask<string> OfAsync(RepositoryName name, BlobUpload upload, Caller caller) =>
        settings is { Only: true, Host: { } host } ? await WithCapabilityAsync(host, name, upload, caller) : locations.Upload(name, upload);

    private async ValueTask DemandStandingAsync(HttpContext http, Caller caller)
    {
        if (!await standing.HoldsAsync(caller.Name, http.RequestAborted)) throw new RegistryException(RegistryError.Denied);
    }

    // What was taken is told even to a client that is going away.
    private async ValueTask<string> WithCapabilityAsync(Uri host, RepositoryName name, BlobUpload upload, Caller caller) =>
        Locations.Upload(host, name, upload, await registry.UploadCapabilities.IssueAsync(name, upload.Id, caller.Name, CancellationToken.None));
}
