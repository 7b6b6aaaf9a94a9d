using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Sas;

namespace Serverless.AzureStorage.Objects;

/// <summary>
/// Signs URLs for reading one blob: with the account's key when the client has it, else with a user-delegation key, which is asked for once in a few hours. All times are storage's.
/// </summary>
/// <remarks>
/// Signing is done here, so a key that was revoked is seen by clients only, to whom storage answers 403. Therefore, while URLs are given out and at most once a minute, the signer asks
/// storage by such a URL for a blob that there is not, beside the requests: 404 says that the key is good, 403 that the next URL needs another.
/// </remarks>
/// <param name="service">The account.</param>
/// <param name="time">Its clock.</param>
/// <param name="options">For asking as a client would, with nothing but the URL.</param>
internal sealed class ReadSigner(BlobServiceClient service, StorageTime time, BlobClientOptions options)
{
    // No object of the registry has such a name.
    private const string MissingBlob = "signed-url-check";

    private static readonly TimeSpan s_keyLifetime = TimeSpan.FromHours(6);
    private static readonly TimeSpan s_skew = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan s_checkInterval = TimeSpan.FromMinutes(1);

    private volatile UserDelegationKey? _key;
    private long _checked;

    /// <summary>The last look at the key; it does not fail.</summary>
    internal Task Check { get; private set; } = Task.CompletedTask;

    public async ValueTask<Uri> SignAsync(BlobContainerClient container, string name, TimeSpan lifetime, CallLimits limits, CancellationToken cancellationToken)
    {
        var blob = container.GetBlobClient(name);
        if (blob.CanGenerateSasUri) return blob.GenerateSasUri(Describe(blob, lifetime));
        var key = _key;
        // Two instances of this call may both fetch a key; either will do.
        if (key is null || key.SignedExpiresOn < time.GetUtcNow() + lifetime)
        {
            Volatile.Write(ref _checked, time.Local.GetTimestamp());
            _key = key = await NewKeyAsync(cancellationToken);
        }
        else
        {
            CheckFromTimeToTime(key, container, limits);
        }

        return Sign(blob, key, lifetime);
    }

    // No start time: the past needs no protection.
    private BlobSasBuilder Describe(BlobClient blob, TimeSpan lifetime) => new(BlobSasPermissions.Read, time.GetUtcNow() + lifetime)
    {
        BlobContainerName = blob.BlobContainerName,
        BlobName = blob.Name,
        Resource = "b",
        Protocol = blob.Uri.Scheme == Uri.UriSchemeHttps ? SasProtocol.Https : SasProtocol.HttpsAndHttp,
    };

    private Uri Sign(BlobClient blob, UserDelegationKey key, TimeSpan lifetime) =>
        new BlobUriBuilder(blob.Uri) { Sas = Describe(blob, lifetime).ToSasQueryParameters(key, service.AccountName) }.ToUri();

    private async Task<UserDelegationKey> NewKeyAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var key = await AskAsync(now);
        // Should this have been the first answer of all, it has told what time it is.
        return (time.GetUtcNow() - now).Duration() < s_skew / 3 ? key : await AskAsync(time.GetUtcNow());

        async Task<UserDelegationKey> AskAsync(DateTimeOffset at) => (await service.GetUserDelegationKeyAsync(at - s_skew, at + s_keyLifetime, cancellationToken)).Value;
    }

    private void CheckFromTimeToTime(UserDelegationKey key, BlobContainerClient container, CallLimits limits)
    {
        var (last, now) = (Volatile.Read(ref _checked), time.Local.GetTimestamp());
        if (time.Local.GetElapsedTime(last, now) < s_checkInterval || Interlocked.CompareExchange(ref _checked, now, last) != last) return;
        // It has nothing of the request that happens to come now, neither its end nor its trace.
        using var none = ExecutionContext.SuppressFlow();
        Check = Task.Run(() => CheckAsync(key, container.GetBlobClient(MissingBlob), limits), CancellationToken.None);
    }

    private async Task CheckAsync(UserDelegationKey key, BlobClient missing, CallLimits limits)
    {
        using var end = new CancellationTokenSource(limits.Call);
        try
        {
            await new BlobClient(Sign(missing, key, s_checkInterval), options).ExistsAsync(end.Token);
        }
        catch (RequestFailedException e) when (e.Status == 403)
        {
            if (_key == key) _key = null;
        }
        catch (Exception e) when (StorageFailure.IsFailure(e))
        {
            // That storage does not answer says nothing of the key. Whoever calls storage in a request meets the same.
        }
    }
}
