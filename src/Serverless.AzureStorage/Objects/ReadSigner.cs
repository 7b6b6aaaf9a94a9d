using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Sas;

namespace Serverless.AzureStorage.Objects;

/// <summary>
/// Signs URLs for reading one blob: with the account's key when the client has it, else with a user-delegation key, which is asked for once in a few hours.
/// </summary>
internal sealed class ReadSigner(BlobServiceClient service, TimeProvider timeProvider)
{
    private static readonly TimeSpan s_keyLifetime = TimeSpan.FromHours(6);
    private static readonly TimeSpan s_skew = TimeSpan.FromMinutes(15);

    private volatile UserDelegationKey? _key;

    public async ValueTask<Uri> SignAsync(BlobClient blob, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        var expires = timeProvider.GetUtcNow() + lifetime;
        // No start time: clocks differ, and the past needs no protection.
        var sas = new BlobSasBuilder(BlobSasPermissions.Read, expires)
        {
            BlobContainerName = blob.BlobContainerName,
            BlobName = blob.Name,
            Resource = "b",
            Protocol = blob.Uri.Scheme == Uri.UriSchemeHttps ? SasProtocol.Https : SasProtocol.HttpsAndHttp,
        };
        if (blob.CanGenerateSasUri) return blob.GenerateSasUri(sas);
        var key = _key;
        // Two instances of this call may both fetch a key; either will do.
        if (key is null || key.SignedExpiresOn < expires) _key = key = await NewKeyAsync(cancellationToken);
        return new BlobUriBuilder(blob.Uri) { Sas = sas.ToSasQueryParameters(key, service.AccountName) }.ToUri();
    }

    private async Task<UserDelegationKey> NewKeyAsync(CancellationToken cancellationToken)
    {
        var now = timeProvider.GetUtcNow();
        return (await service.GetUserDelegationKeyAsync(now - s_skew, now + s_keyLifetime, cancellationToken)).Value;
    }
}
