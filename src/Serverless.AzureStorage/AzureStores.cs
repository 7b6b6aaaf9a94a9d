using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Azure.Identity;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using Serverless.AzureStorage.Batches;
using Serverless.AzureStorage.Objects;
using Serverless.Registry.Storage;

namespace Serverless.AzureStorage;

/// <summary>Which account, and how to sign in: a connection string, or the account's name and an identity.</summary>
public sealed record AzureStorageOptions
{
    /// <summary>The Azurite that runs on its default ports.</summary>
    public static AzureStorageOptions Development { get; } = new() { ConnectionString = "UseDevelopmentStorage=true" };

    /// <summary>A connection string with the account's key; null signs in with an identity.</summary>
    public string? ConnectionString { get; init; }

    /// <summary>The account's name in the public cloud; null when there is a connection string or the endpoints are given.</summary>
    public string? AccountName { get; init; }

    /// <summary>The address of the Blob service, where it does not follow from the name.</summary>
    public Uri? BlobEndpoint { get; init; }

    /// <summary>The address of the Table service, where it does not follow from the name.</summary>
    public Uri? TableEndpoint { get; init; }

    /// <summary>The address of the Queue service, where it does not follow from the name.</summary>
    public Uri? QueueEndpoint { get; init; }

    /// <summary>The client id of the user-assigned identity to use; null leaves the choice to <see cref="DefaultAzureCredential"/>.</summary>
    public string? ClientId { get; init; }

    /// <summary>The container for the bytes.</summary>
    public string ContainerName { get; init; } = "registry";

    /// <summary>Begins the name of every table, and the names of all bytes in the container, so that registries may share an account and a container.</summary>
    public string TablePrefix { get; init; } = "";
}

/// <summary>Makes the two stores of an account.</summary>
public static class AzureStores
{
    /// <summary>The stores. No storage operation; wrong credentials show themselves with the first one.</summary>
    /// <exception cref="FormatException">The connection string cannot be read.</exception>
    public static (ITableStore Tables, IObjectStore Objects) Create(AzureStorageOptions options, TimeProvider timeProvider) =>
        Create(options, timeProvider, CallLimits.Default);

    /// <summary>As the other overload, with limits, a transport and a credential of the caller's.</summary>
    internal static (ITableStore Tables, IObjectStore Objects) Create(
        AzureStorageOptions options, TimeProvider timeProvider, CallLimits limits, HttpPipelineTransport? transport = null, TokenCredential? credential = null)
    {
        var time = new StorageTime(timeProvider);
        var tableOptions = Configure(new TableClientOptions(), limits, transport);
        tableOptions.AddPolicy(time, HttpPipelinePosition.PerRetry);
        tableOptions.AddPolicy(new BatchAnswerPolicy(), HttpPipelinePosition.PerRetry);
        var blobOptions = BlobOptions(time, limits, transport);
        var (tables, blobs) = Connect(options, credential, tableOptions, blobOptions);
        return (
            new AzureTableStore(tables, options.TablePrefix) { Limits = limits },
            new AzureObjectStore(blobs, options.ContainerName, timeProvider)
            {
                Limits = limits,
                NamePrefix = options.TablePrefix.Length == 0 ? "" : $"{options.TablePrefix.ToLowerInvariant()}-",
                Signer = new ReadSigner(blobs, time, blobOptions),
            });
    }

    /// <summary>A queue of the account. No storage operation.</summary>
    /// <exception cref="FormatException">The connection string cannot be read.</exception>
    public static MessageQueue OpenQueue(AzureStorageOptions options, string name)
    {
        var queueOptions = Configure(new QueueClientOptions { MessageEncoding = QueueMessageEncoding.None }, CallLimits.Default, null);
        if (options.ConnectionString is { } connectionString)
        {
            ConnectionStringFormat.Check(connectionString);
            return new MessageQueue(new QueueClient(connectionString, name, queueOptions), CallLimits.Default);
        }

        var service = options.QueueEndpoint ?? Endpoint(options, "queue");
        return new MessageQueue(new QueueServiceClient(service, Credential(options), queueOptions).GetQueueClient(name), CallLimits.Default);
    }

    /// <summary>A container by its address alone. The address may carry a signature (SAS); otherwise <see cref="DefaultAzureCredential"/> signs in. No storage operation.</summary>
    /// <param name="container">As <c>https://account.blob.core.windows.net/container</c>; see <see cref="IsContainer"/>.</param>
    /// <param name="timeProvider">The clock.</param>
    public static IObjectStore OpenContainer(Uri container, TimeProvider timeProvider)
    {
        var address = new BlobUriBuilder(container);
        var name = address.BlobContainerName;
        address.BlobContainerName = "";
        var time = new StorageTime(timeProvider);
        var options = BlobOptions(time, CallLimits.Default, null);
        var service = address.Sas is null ? new BlobServiceClient(address.ToUri(), new DefaultAzureCredential(), options) : new BlobServiceClient(address.ToUri(), options);
        return new AzureObjectStore(service, name, timeProvider) { Signer = new ReadSigner(service, time, options) };
    }

    /// <summary>Whether an address is that of a container, and of nothing in it.</summary>
    public static bool IsContainer(Uri address) => new BlobUriBuilder(address) is { BlobContainerName.Length: > 0, BlobName.Length: 0 };

    private static BlobClientOptions BlobOptions(StorageTime time, CallLimits limits, HttpPipelineTransport? transport)
    {
        var options = Configure(new BlobClientOptions(), limits, transport);
        options.AddPolicy(time, HttpPipelinePosition.PerRetry);
        options.AddPolicy(new BodyChecksumPolicy(), HttpPipelinePosition.PerCall);
        options.TransferValidation.Upload.ChecksumAlgorithm = StorageChecksumAlgorithm.None;
        // Names of distribution 2 begin with a slash.
        options.TrimBlobNameSlashes = false;
        return options;
    }

    private static (TableServiceClient Tables, BlobServiceClient Blobs) Connect(
        AzureStorageOptions options, TokenCredential? credential, TableClientOptions tableOptions, BlobClientOptions blobOptions)
    {
        if (options.ConnectionString is { } connectionString)
        {
            ConnectionStringFormat.Check(connectionString);
            return (new TableServiceClient(connectionString, tableOptions), new BlobServiceClient(connectionString, blobOptions));
        }

        credential ??= Credential(options);
        return (
            new TableServiceClient(options.TableEndpoint ?? Endpoint(options, "table"), credential, tableOptions),
            new BlobServiceClient(options.BlobEndpoint ?? Endpoint(options, "blob"), credential, blobOptions));
    }

    private static DefaultAzureCredential Credential(AzureStorageOptions options) => new(new DefaultAzureCredentialOptions { ManagedIdentityClientId = options.ClientId });

    private static Uri Endpoint(AzureStorageOptions options, string service) => new($"https://{options.AccountName}.{service}.core.windows.net");

    internal static T Configure<T>(T options, CallLimits limits, HttpPipelineTransport? transport)
        where T : ClientOptions
    {
        options.RetryPolicy = new StorageRetryPolicy(limits);
        options.Retry.NetworkTimeout = limits.Try;
        if (transport is not null) options.Transport = transport;
        return options;
    }
}
