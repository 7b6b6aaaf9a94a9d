using System.Net.Http.Headers;
using Serverless.Registry.Oci;

namespace Serverless.Web.Remotes;

/// <summary>Pushes manifests.</summary>
internal static class RemoteManifests
{
    // OCI distribution specification 1.1.1, "Pushing Manifests with Subject".
    private const string SubjectHeader = "OCI-Subject";

    /// <summary>Pushes a manifest.</summary>
    /// <returns>Whether the registry says that it has listed the manifest among what refers to its subject.</returns>
    public static Task<bool> PutAsync(RemoteClient client, RemoteRequest place, Manifest manifest, CancellationToken cancellationToken)
    {
        var request = place with
        {
            Method = HttpMethod.Put,
            Content = () => new ReadOnlyMemoryContent(manifest.Payload) { Headers = { ContentType = new MediaTypeHeaderValue(manifest.MediaType) } },
        };
        return client.RunAsync(
            async () =>
            {
                using var answer = await client.SendAsync(request, cancellationToken);
                return answer.IsSuccessStatusCode ? answer.Headers.Contains(SubjectHeader) : throw await client.FailureAsync(answer, request, cancellationToken);
            },
            cancellationToken);
    }
}
