// trick: Sockets that are not of the internet: netlink, raw, packet, kernel crypto, Bluetooth, vsock.
// flags: refused
// flags[sampled]: refused?
// says: ^held 7
#include <stdio.h>
#include <sys/socket.h>

int main(void)
{
    int families[] = {AF_NETLINK, AF_PACKET, AF_ALG, AF_BLUETOOTH, AF_VSOCK, AF_INET, AF_KEY}, i, held = 0;
    for (i = 0; i < 7; i++) {
        int kind = families[i] == AF_ALG ? SOCK_SEQPACKET : families[i] == AF_VSOCK ? SOCK_STREAM : SOCK_RAW;
        if (socket(families[i], kind, 0) < 0)
            held++;
        else
            printf("REACHED family %d\n", families[i]);
    }
    printf("held %d\n", held);
}
