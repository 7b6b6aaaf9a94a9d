using System.Text.Json;
using Serverless.Registry.Copying;
using Serverless.Registry.Imports;
using Serverless.Web.Auth;
using Serverless.Web.Outbound;
using Serverless.Web.Remotes;
using Serverless.Web.Settings;

namespace Serverless.Web.Imports;

/// <summary>Opens other registries for imports: only where the guard of what goes out lets everybody.</summary>
internal sealed class ImportSources(OutboundSettings outbound, OutboundNetwork network, IStanding standing, TimeProvider time) : IImportSources
{
    public OpenSource Open(ImportRequest request, byte[]? credentials)
    {
        var image = RemoteImage.Find(request.Source) ?? throw new ImageSourceException("The source is written HOST/NAME[:TAG|@DIGEST], with the host.");
        var read = credentials is { } bytes ? JsonSerializer.Deserialize(bytes, ImportJson.Default.ImportCredentials) : null;
        var options = new RemoteOptions { Address = image.Registry, Credentials = read?.ToRemote(), TrustedRealms = read?.TrustedRealms ?? [], Patience = CopyPatience.Default };
        var registry = new RemoteRegistry(options, outbound, network, time);
        return new OpenSource(registry.OpenRepository(image.Name), registry);
    }

    public ValueTask<bool> StandsAsync(string? owner, CancellationToken cancellationToken) => standing.HoldsAsync(owner, cancellationToken);
}
